#include "Oracle.h"

#include "Input.h"
#include "patchbay/parser/Message.h"

namespace Patchbay::Fuzz {

using namespace std::chrono_literals;

namespace {

constexpr auto Life = 32s;                // 64 T1: B, D, F, H, J, L, M
constexpr unsigned MostInviteCopies = 7;  // timer A
constexpr unsigned MostCopies = 11;       // timers E and G
constexpr size_t MostBurst = 14;          // what one datagram may cause at once with four branches
constexpr std::string_view Cookie = "z9hG4bK";

/// Each reply without a transaction has an incident of its own.
std::string withoutIncident(std::string octets) {
  const size_t at = octets.find("Warning: 399 ");
  if (at != std::string::npos) octets.erase(at, octets.find("\r\n", at) + 2 - at);
  return octets;
}

}  // namespace

std::string Oracle::keyOf(const std::string& branch, const std::string& method) {
  return branch + "|" + method;
}

bool Oracle::seen(const std::string& part) const {
  for (const auto& one : _injected)
    if (one.wire.octets.find(part) != std::string::npos) return true;
  return false;
}

// -- what we send

void Oracle::injected(const Runtime::Endpoint& from, const std::string& octets, Time at, bool clean) {
  _burst = 0;
  _expected.reset();
  _injected.push_back({Wire(octets), from, at, clean});
  const auto& one = _injected.back();
  if (!clean || !one.wire.good || one.wire.branch.empty()) {
    spoil(octets);
    if (one.wire.mark) _spoiltMarks.insert(*one.wire.mark);
    return;
  }
  if (one.wire.mark) _byMark.emplace(*one.wire.mark, _injected.size() - 1);
  one.wire.request ? injectedRequest(one) : injectedReply(one);
}

/// A bent message: what has anything to do with it is nothing that we can judge.
void Oracle::spoil(const std::string& octets) {
  const auto touches = [&](const std::string& key) { return octets.find(key.substr(0, key.find('|'))) != std::string::npos; };
  for (auto& [key, server] : _servers) server.dirty |= touches(key);
  for (auto& [key, leg] : _legs) {
    if (!touches(key)) continue;
    leg.dirty = true;
    ++leg.finals;
    if (const auto server = _servers.find(leg.server); server != _servers.end()) server->second.dirty = true;
  }
}

void Oracle::injectedRequest(const Injected& injected) {
  const auto& wire = injected.wire;
  if (wire.method == "ACK") {
    const auto found = _servers.find(keyOf(wire.branch, "INVITE"));
    if (found != _servers.end() && found->second.final >= 300 && !found->second.acked) found->second.acked = injected.at;
    return;
  }
  auto [at, isNew] = _servers.try_emplace(keyOf(wire.branch, wire.method));
  Server& server = at->second;
  if (isNew) {
    server.octets = wire.octets;
    server.uri = wire.uri;
    server.from = injected.from;
    server.invite = wire.method == "INVITE";
    server.stateless = wire.uri.find("forward@") != std::string::npos || wire.method == "CANCEL";
    // Without cookie the branch does not name a transaction; somebody else may have bent one of that name before.
    server.dirty = !wire.branch.starts_with(Cookie);
    for (const auto& before : _injected) server.dirty |= !before.clean && before.wire.octets.find(wire.branch) != std::string::npos;
  }
  server.dirty |= server.octets != wire.octets || server.from != injected.from;
  ++server.copies;
  again(server, injected.at);
}

/// A copy that may have come after the transaction's end begins a new one.
void Oracle::again(Server& server, Time at) {
  if (!server.final) return;
  const bool over = at >= server.finalAt + Life || (server.acked && at >= *server.acked + 5s);
  if (!over) return;
  server.final = 0;
  server.finals = server.copies = 0;
  server.acked.reset();
}

void Oracle::injectedReply(const Injected& injected) {
  const auto& wire = injected.wire;
  const auto found = _legs.find(keyOf(wire.branch, wire.method));
  if (found == _legs.end()) return;
  Leg& leg = found->second;
  if (wire.status < 200) {
    leg.provisional = true;
    return;
  }
  ++leg.finals;
  if (wire.status < 300) {
    if (mustGoUpstream(leg, wire.method, injected.at)) {
      _expected = wire.mark;
      if (!leg.successAt) leg.successAt = injected.at;
    }
  } else if (!leg.successAt) {  // unsure ones count as failed: nothing is asked of them any more
    leg.failed = true;
  }
  leg.final = true;
}

/// Z07: sure to be alive, and its success wanted.
bool Oracle::mustGoUpstream(const Leg& leg, const std::string& method, Time at) const {
  const auto found = _servers.find(leg.server);
  if (leg.dirty || leg.stateless || leg.failed || found == _servers.end() || found->second.dirty) return false;
  const auto& uri = found->second.uri;  // a pipeline may keep a reply for a while, and rules may be impatient
  if (uri.find("everything@") != std::string::npos || uri.find("quick@") != std::string::npos) return false;
  if (method != "INVITE") return !leg.final && !found->second.final && method != "CANCEL" && at < leg.sentAt + Life;
  if (leg.successAt) return at < *leg.successAt + Life;
  return at < leg.sentAt + Life && (!leg.cancelAt || at < *leg.cancelAt + Life);
}

// -- what the server sends

void Oracle::sent(const Testsuite::World::Sent& sent, bool injecting) {
  const Wire wire(sent.packet.octets);
  require(wire.good && (!wire.vias.empty() || !_injected.back().clean), "what is sent is a message");
  Parser::Message message;
  const Input octets(wire.octets);
  const bool sound = !message.parse(octets.text(), Parser::Limits::none()) && !message.validate();
  if (!sound && !mayBeBroken(wire)) std::fprintf(stderr, "fuzz: %s\n", message.fault().text);
  require(sound || mayBeBroken(wire), "what is sent is sound");
  if (injecting) require(++_burst <= MostBurst, "Z04: one message does not cause a burst");
  wire.request ? sentRequest(wire, sent) : sentReply(wire, sent);
}

/// A refusal has what the broken request had, a reply that goes on or is acknowledged what a broken phone said in it.
bool Oracle::mayBeBroken(const Wire& wire) const {
  if (wire.request) {
    const auto acknowledged = _legs.find(keyOf(wire.branch, "INVITE"));
    return wire.method == "ACK" && acknowledged != _legs.end() && acknowledged->second.dirty;
  }
  const auto server = _servers.find(keyOf(wire.branch, wire.method));
  return server == _servers.end() || server->second.dirty;
}

const Oracle::Injected* Oracle::cleanCause(const Wire& wire) const {
  if (!wire.mark || _spoiltMarks.contains(*wire.mark)) return nullptr;
  const auto found = _byMark.find(*wire.mark);
  return found == _byMark.end() ? nullptr : &_injected[found->second];
}

void Oracle::sentRequest(const Wire& wire, const Testsuite::World::Sent& sent) {
  const auto invite = _legs.find(keyOf(wire.branch, "INVITE"));
  if (invite != _legs.end() && !invite->second.stateless && wire.uri.find("forward@") == std::string::npos &&
      (wire.method == "ACK" || wire.method == "CANCEL"))
    return sentHopRequest(wire, invite->second, sent);
  sentLeg(wire, sent);
}

void Oracle::sentLeg(const Wire& wire, const Testsuite::World::Sent& sent) {
  const bool same = wire.method == "ACK" || wire.uri.find("forward@") != std::string::npos;  // without state the same gets the same
  require(same || !seen(wire.branch) || _legs.contains(keyOf(wire.branch, wire.method)), "Z05: a branch of ours is new");
  auto [at, isNew] = _legs.try_emplace(keyOf(wire.branch, wire.method));
  Leg& leg = at->second;
  ++leg.copies;
  if (isNew) {
    leg.octets = wire.octets;
    leg.to = sent.packet.to;
    leg.sentAt = sent.at;
    const auto* cause = cleanCause(wire);
    leg.dirty = !cause;
    if (cause) {
      const auto& origin = cause->wire;
      require(wire.vias.size() == origin.vias.size() + 1, "Z05: a request gets one Via of ours");
      require(Wire::parameter(wire.vias[1], "branch") == origin.branch, "Z05: the Via below ours is the client's");
      leg.server = keyOf(origin.branch, origin.method);
      leg.stateless = origin.uri.find("forward@") != std::string::npos || origin.method == "ACK" || origin.method == "CANCEL";
      if (const auto server = _servers.find(leg.server); server != _servers.end()) server->second.heard = true;
    }
    return;
  }
  if (leg.stateless || leg.dirty) return;
  require(leg.to == sent.packet.to && leg.octets == wire.octets, "what is sent again is what was sent");
  require(leg.copies <= (wire.method == "INVITE" ? MostInviteCopies : MostCopies),
          "Z04: a request is sent again as often as its timers say");
  require(sent.at <= leg.sentAt + Life, "Z02: nothing is sent again behind the end");
  require(wire.method != "INVITE" || !leg.provisional || leg.dirty, "an INVITE that was answered is not sent again");
}

/// Our own ACK or CANCEL on the branch of an INVITE.
void Oracle::sentHopRequest(const Wire& wire, Leg& invite, const Testsuite::World::Sent& sent) {
  require(wire.vias.size() == 1, "Z05: our own request has one Via");
  require(invite.to == sent.packet.to, "our own request goes where the INVITE went");
  auto [at, isNew] = _legs.try_emplace(keyOf(wire.branch, wire.method));
  Leg& leg = at->second;
  ++leg.copies;
  if (isNew) {
    leg.octets = wire.octets;
    leg.to = sent.packet.to;
    leg.sentAt = sent.at;
    leg.server = invite.server;
    leg.dirty = invite.dirty;
  }
  require(leg.octets == wire.octets, "Z06: one CANCEL and one ACK for a branch");
  if (wire.method == "ACK") return require(leg.copies <= invite.finals, "Z04: an ACK is the answer to a final reply");
  require(leg.copies <= MostCopies, "Z04: a CANCEL is sent again as often as its timers say");
  if (!isNew) return;
  require(invite.provisional || invite.dirty, "Z06: no CANCEL before a provisional reply");
  require(!invite.final || invite.dirty, "Z06: no CANCEL behind a final reply");
  invite.cancelAt = sent.at;
}

void Oracle::sentReply(const Wire& wire, const Testsuite::World::Sent& sent) {
  const bool bent = !_injected.back().clean && !_injected.back().wire.octets.starts_with("ACK ");
  require(wire.method != "ACK" || bent, "Z07: an ACK is never answered");
  require(wire.status >= 100 && wire.status <= 699, "a status is one");
  require(wire.branch.empty() || !_injected.back().clean || seen(wire.branch), "Z04: a reply answers something");
  const auto* cause = cleanCause(wire);
  if (cause && !cause->wire.request) judgeForwarded(wire, *cause, sent);
  if (_expected && wire.mark == _expected) _expected.reset();
  const auto server = _servers.find(keyOf(wire.branch, wire.method));
  if (server == _servers.end() || server->second.dirty || server->second.stateless) return;
  const auto& from = server->second.from;
  const bool port = server->second.octets.find(";rport") == std::string::npos || sent.packet.to.port == from.port;
  require(sent.packet.to.address == from.address && port, "a reply goes where its request came from");
  judgeReply(wire, server->second, sent.at);
}

void Oracle::judgeReply(const Wire& wire, Server& server, Time at) {
  server.heard = true;
  if (wire.status >= 200) return judgeFinal(wire, server, at);
  require(server.invite || wire.status == 100, "no provisional reply but 100 to another request than INVITE");
  require(server.final == 0, "Z03: nothing provisional behind a final reply");
}

void Oracle::judgeFinal(const Wire& wire, Server& server, Time at) {
  const bool success = wire.status < 300;
  const bool first = server.final == 0;
  const int before = server.final;
  if (first || (success && before >= 300)) {
    server.final = wire.status;
    server.finalAt = at;
    server.finalOctets = wire.octets;
    server.finals = 1;
    if (success && before >= 300) require(server.invite, "Z03: no 2xx behind another final reply but to an INVITE");
    return;
  }
  require(success || before >= 300, "Z03: nothing but 2xx behind a 2xx");
  if (success) return;
  require(withoutIncident(wire.octets) == withoutIncident(server.finalOctets), "Z03: one final reply that is not 2xx");
  require(++server.finals <= MostCopies + server.copies, "Z04: a final reply is sent again as often as its timer says");
  require(at <= server.finalAt + Life, "Z02: no final reply is sent again behind the end");
}

void Oracle::judgeForwarded(const Wire& wire, const Injected& cause, const Testsuite::World::Sent&) {
  const auto& origin = cause.wire;
  require(wire.vias.size() + 1 == origin.vias.size(), "Z05: a reply loses one Via");
  require(wire.branch == Wire::parameter(origin.vias[1], "branch"), "Z05: the Via that a reply loses is ours");
  if (origin.status == 401 || origin.status == 407) return;  // others' challenges are added
  std::string expected = origin.withoutTopVia();
  const auto leg = _legs.find(keyOf(origin.branch, origin.method));
  if (leg == _legs.end() || leg->second.dirty) return;
  if (origin.status == 503 && leg->second.octets.find(" sip:forward@") == std::string::npos)
    expected.replace(0, expected.find("\r\n"), "SIP/2.0 500 Server Internal Error");
  require(wire.octets == expected, "a reply goes on as it came");
}

void Oracle::settled() {
  require(!_expected, "Z07: a 2xx goes upstream while its transaction lives");
}

void Oracle::ended() const {
  for (const auto& [key, server] : _servers) {
    const bool dropped = server.uri.find("drop@") != std::string::npos;
    if (server.dirty || server.stateless || !server.invite || !server.heard || dropped) continue;
    require(server.final != 0, "Z01: an INVITE gets a final reply");
  }
}

}  // namespace Patchbay::Fuzz
