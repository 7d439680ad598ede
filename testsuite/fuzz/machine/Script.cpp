#include "Script.h"

#include <algorithm>
#include <cstdlib>

namespace Patchbay::Fuzz {

using namespace std::chrono_literals;
using Runtime::Endpoint;

namespace {

constexpr size_t MostSteps = 48;

/// Ids of incidents are drawn anew for each request that the server ever saw: no part of what a program does.
std::string withoutIncident(std::string octets) {
  constexpr std::string_view before = "\"Incident ";
  const size_t found = octets.find(before);
  if (found != std::string::npos) octets.erase(found + before.size(), octets.find('"', found + before.size()) - found - before.size());
  return octets;
}

const char* const Methods[] = {"INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "MESSAGE", "FOO", "UPDATE"};
const char* const Uris[] = {"sip:one@127.0.0.1:6011",
                            "sip:fork@127.0.0.1:6011",
                            "sip:condition@127.0.0.1:6011",
                            "sip:condition@slow.test:6012",
                            "sip:one@slow.test",
                            "sip:one@silent.test",
                            "sip:one@gone.test",
                            "sip:mixed@127.0.0.1:6011",
                            "sip:wait@127.0.0.1:6011",
                            "sip:state@127.0.0.1",
                            "sip:less@127.0.0.1",
                            "sip:drop@127.0.0.1",
                            "sip:none@127.0.0.1",
                            "sip:forward@127.0.0.1:6013",
                            "sip:one@127.0.0.1:5060",
                            "tel:1234",
                            "sip:waitdrop@127.0.0.1",
                            "sip:twice@127.0.0.1:6012",
                            "sip:condition@gone.test",
                            "sip:one@fast.test:6012",
                            "sip:one@two.test",
                            "sip:condition@two.test:6013",
                            "sip:one@broken.test",
                            "sip:serial@127.0.0.1:6011",
                            "sip:serial@two.test",
                            "sip:quick@127.0.0.1:6011",
                            "sip:failing@127.0.0.1:6011",
                            "sip:failing@gone.test",
                            "sip:everything@127.0.0.1:6011",
                            "sip:policed@127.0.0.1:6012"};
const int Statuses[] = {100, 180, 200, 486, 183, 199, 202, 301, 401, 404, 407, 408,
                        415, 484, 487, 500, 503, 504, 600, 603, 101, 299, 699, 481};
constexpr Runtime::Duration Times[] = {0ms, 1ms, 100ms, 200ms, 499ms, 500ms, 1s,   1500ms, 3500ms, 4s,
                                       5s,  16s, 31s,   32s,   33s,   64s,   180s, 185s,   186s};

Endpoint endpoint(const char* text) {
  return *Endpoint::parse(text);
}
const Endpoint Callers[] = {endpoint("127.0.0.1:6001"), endpoint("127.0.0.1:6002")};
const Endpoint Stranger = endpoint("127.0.0.3:7000");

/// With FUZZ_TRACE set everything is shown as it happens.
void show(Runtime::Duration at, const char* arrow, const Endpoint& peer, const std::string& octets) {
  static const bool wanted = std::getenv("FUZZ_TRACE") != nullptr;
  const auto milliseconds = static_cast<long long>(at / 1ms);
  if (wanted) std::fprintf(stderr, "--- %lld ms %s %s\n%s", milliseconds, arrow, peer.toString().c_str(), octets.c_str());
}

void replaceFirst(std::string& text, std::string_view what, std::string_view with) {
  if (const size_t at = text.find(what); at != std::string::npos) text.replace(at, what.size(), with);
}

/// The reply of a sound phone.
std::string answer(const Wire& request, int status, unsigned tag, size_t mark) {
  std::string all = "SIP/2.0 " + std::to_string(status) + " Said\r\n";
  for (const auto& via : request.vias) all += "Via:" + via + "\r\n";
  all += "From: " + request.value("From") + "\r\nTo: " + request.value("To");
  if (request.value("To").find(";tag=") == std::string::npos) all += ";tag=p" + std::to_string(tag);
  all += "\r\nCall-ID: " + request.value("Call-ID") + "\r\nCSeq: " + request.value("CSeq") + "\r\nX-Mark: " + std::to_string(mark) + "\r\n";
  if (status == 401 || status == 407)
    all += std::string(status == 401 ? "WWW" : "Proxy") + "-Authenticate: Digest realm=\"r" + std::to_string(tag) + "\"\r\n";
  return all + "Content-Length: 0\r\n\r\n";
}

}  // namespace

void Script::play(std::string_view octets) {
  Reader program(octets);
  for (size_t i = 0; i < MostSteps && !program.done(); ++i) step(program);
  settle();
}

void Script::step(Reader& program) {
  switch (program.below(12)) {
    case 0:
    case 1:
      return request(program);
    case 2:
    case 3:
    case 4:
      return reply(program);
    case 5:
      return repeat(program);
    case 6:
      return reflect(program);
    case 7:
      return raw(program);
    case 8:
      return bend(program);
    case 9:
      return passToNext();
    default:
      return pass(Times[program.below(std::size(Times))]);
  }
}

enum RequestFlag : uint8_t {
  fresh = 1,
  otherCaller = 2,
  oldStyle = 4,
  noHops = 8,
  viaBelow = 16,
  noRport = 32,
  oneBranch = 64,
  otherNumber = 128
};

void Script::request(Reader& program) {
  const uint8_t what = program.octet();
  const uint8_t uri = program.octet(), flags = program.octet();
  const size_t number = what & 3;
  Call& call = _calls[number];
  const std::string method = Methods[(what >> 2) % std::size(Methods)];
  const bool beginning = call.uri.empty() || ((flags & fresh) && method != "ACK" && method != "CANCEL");
  if (beginning) {
    call = {call.generation + 1, Uris[uri % std::size(Uris)], {}, {}, Callers[flags & otherCaller ? 1 : 0]};
  }
  std::string& octets = call.requests[method];
  if (octets.empty() || method == "ACK") octets = compose(call, number, method, flags);
  const bool elsewhere = !beginning && (flags & otherCaller);
  inject(elsewhere ? Stranger : call.from, octets, true);
}

std::string Script::compose(Call& call, size_t number, const std::string& method, uint8_t flags) {
  const std::string id = std::to_string(number) + "." + std::to_string(call.generation);
  const bool shared = method == "INVITE" || method == "ACK" || method == "CANCEL" || (flags & oneBranch);
  std::string all = method + " " + call.uri + " SIP/2.0\r\nVia: SIP/2.0/UDP " + call.from.toString() + (flags & noRport ? "" : ";rport");
  all += std::string(";branch=") + (flags & oldStyle ? "" : "z9hG4bK") + "c" + id + (shared ? "." : method) + "\r\n";
  if (flags & viaBelow) all += "Via: SIP/2.0/UDP 10.1.1.1;branch=z9hG4bKbelow\r\n";
  all += "Max-Forwards: " + std::string(flags & noHops ? "0" : "70") + "\r\nFrom: <sip:caller@127.0.0.1>;tag=f" + id + "\r\nTo: <" +
         call.uri + ">";
  if (!call.toTag.empty() && (method == "ACK" || !shared)) all += ";tag=" + call.toTag;
  all += "\r\nCall-ID: call" + id + "\r\nCSeq: " + (flags & otherNumber ? "2" : "1") + " " + method + "\r\nContact: <sip:caller@" +
         call.from.toString() + ">\r\nX-Mark: " + std::to_string(_marks++) + "\r\nContent-Length: 0\r\n\r\n";
  return all;
}

enum ReplyFlag : uint8_t { otherMethod = 4, noVia = 8, moreVia = 16, otherCase = 32, otherSource = 64, onlyOurs = 128 };

void Script::reply(Reader& program) {
  const size_t which = program.octet();
  const int status = Statuses[program.below(std::size(Statuses))];
  const uint8_t flags = program.octet();
  if (_requests.empty()) return;
  const auto& sent = _requests[_requests.size() - 1 - which % _requests.size()];
  const Wire wire(sent.packet.octets);
  std::string octets = answer(wire, status, flags & 3, _marks++);
  const bool bent = flags & (otherMethod | noVia | moreVia | otherCase | onlyOurs);
  if (bent) bendReply(octets, wire.branch, flags);
  inject(flags & otherSource ? Stranger : sent.packet.to, octets, !bent);
}

/// C22 to C24: what hostile phones do with a reply.
void Script::bendReply(std::string& octets, const std::string& branch, uint8_t flags) const {
  if (flags & otherMethod) {
    const bool invite = octets.find(" INVITE\r\n") != std::string::npos;
    replaceFirst(octets, invite ? " INVITE\r\n" : "CSeq: 1 ", invite ? " OPTIONS\r\n" : "CSeq: 1 INVITE\r\nX-Was: ");
  }
  const size_t via = octets.find("Via:"), end = octets.find("\r\n", via) + 2;
  if (flags & onlyOurs) {
    for (size_t next = octets.find("Via:", end); next != std::string::npos; next = octets.find("Via:", end))
      octets.erase(next, octets.find("\r\n", next) + 2 - next);
  }
  if (flags & otherCase) {
    std::string upper = branch;
    std::transform(upper.begin(), upper.end(), upper.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    replaceFirst(octets, branch, upper);
  }
  if (flags & noVia) octets.erase(via, end - via);
  if (flags & moreVia) octets.insert(via, "Via: SIP/2.0/UDP 10.2.2.2;branch=z9hG4bKmore\r\n");
}

void Script::repeat(Reader& program) {
  const size_t which = program.octet();
  if (_injections.empty()) return;
  const Injection again = _injections[_injections.size() - 1 - which % _injections.size()];
  inject(again.from, again.octets, again.clean);
}

/// C27: what the server sent comes back to it.
void Script::reflect(Reader& program) {
  const size_t which = program.octet();
  if (_sent.empty()) return;
  const auto& sent = _sent[_sent.size() - 1 - (which >> 1) % _sent.size()];
  std::string octets = sent.packet.octets;
  if (which & 1) {
    replaceFirst(octets, "INVITE ", "ACK ");
    replaceFirst(octets, " INVITE\r\n", " ACK\r\n");
  }
  inject(sent.packet.to, std::move(octets), false);
}

void Script::raw(Reader& program) {
  const auto text = program.until('\0');
  if (!text.empty()) inject(Stranger, std::string(text), false);
}

/// The next message will be bent so.
void Script::bend(Reader& program) {
  _bend.kind = static_cast<Bend::Kind>(1 + program.below(4));
  _bend.at = program.word();
  if (_bend.kind == Bend::Kind::replace || _bend.kind == Bend::Kind::erase) _bend.value = static_cast<char>(program.octet());
  if (_bend.kind == Bend::Kind::insert) _bend.text = program.until('\0');
}

bool Script::apply(std::string& octets) {
  const Bend bend = std::exchange(_bend, {});
  if (bend.kind == Bend::Kind::none || octets.empty()) return false;
  const size_t at = bend.at % octets.size();
  switch (bend.kind) {
    case Bend::Kind::replace:
      octets[at] = bend.value;
      break;
    case Bend::Kind::cut:
      octets.resize(at);
      break;
    case Bend::Kind::insert:
      octets.insert(at, bend.text);
      break;
    default:
      octets.erase(at, static_cast<unsigned char>(bend.value));
  }
  return true;
}

void Script::inject(const Endpoint& from, std::string octets, bool clean) {
  const std::string whole = octets;
  const bool bent = apply(octets);
  if (bent) _oracle.injected(from, whole, _world.time() - _began, false);  // what it was meant for is not judged any more
  _injections.push_back({from, octets, clean && !bent});
  show(_world.time() - _began, clean && !bent ? "from" : "from (bent)", from, octets);
  _oracle.injected(from, octets, _world.time() - _began, clean && !bent);
  _world.send(from, _world.listener(), std::move(octets));
  collect(true);
  _oracle.settled();
}

void Script::collect(bool injecting) {
  for (auto& sent : _world.take()) {
    sent.at -= _began;
    show(sent.at, "to", sent.packet.to, sent.packet.octets);
    _trace += std::to_string(sent.at.count()) + " > " + sent.packet.to.toString() + "\n" + withoutIncident(sent.packet.octets) + "\n";
    _oracle.sent(sent, injecting);
    take(sent);
  }
}

void Script::take(const Testsuite::World::Sent& sent) {
  const Wire wire(sent.packet.octets);
  if (_sent.size() < 64) _sent.push_back(sent);
  if (wire.request && wire.method != "ACK" && _requests.size() < 64) {
    const bool again = std::any_of(_requests.begin(), _requests.end(), [&](const auto& one) { return one.packet.octets == wire.octets; });
    if (!again) _requests.push_back(sent);
  }
  if (wire.request || wire.status < 200) return;
  for (size_t i = 0; i < _calls.size(); ++i)
    if (wire.value("Call-ID") == "call" + std::to_string(i) + "." + std::to_string(_calls[i].generation))
      _calls[i].toTag = Wire::parameter(wire.value("To"), "tag");
}

void Script::pass(Runtime::Duration time) {
  _world.runUntil(_world.time() + time);
  collect(false);
}

void Script::passToNext() {
  const auto due = _world.environment().worker.nextDue();
  if (!due) return;
  pass(std::clamp<Runtime::Duration>(*due - _world.environment().clock.now(), 0ns, 200s));
}

/// Z01, Z02, Z12: by then everything has ended, and stays so.
void Script::settle() {
  pass(4 * (185s + 32s) + 132s);  // at most four groups of branches, one behind the other
  int found = 0;
  for (const auto& family : _world.environment().metrics.read()) {
    const bool pool = family.name == "core_requests_pooled";
    if (!pool && family.name != "tm_transactions" && family.name != "pipeline_suspended" && family.name != "resolver_outstanding") continue;
    const double value = family.samples.at(0).value;
    ++found;
    if (value != 0 && !pool) std::fprintf(stderr, "fuzz: %s is %g\n", family.name.c_str(), value);
    require(pool || value == 0, "Z01: everything has ended by the bound of its timers");
    require(value < 500, "Z12: requests go back to their pool");
  }
  require(found == 4, "the server tells what it holds");
  _oracle.ended();
  const size_t before = _trace.size();
  pass(100s);
  require(_trace.size() == before, "Z02: nothing is sent behind the end");
}

}  // namespace Patchbay::Fuzz
