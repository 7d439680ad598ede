#include "Traffic.h"

#include <algorithm>
#include <sstream>

#include "TestPaths.h"
#include "patchbay/log/Setup.h"

namespace Patchbay::Testsuite {

using namespace std::chrono_literals;

std::string headersOf(const std::string& octets, const std::vector<std::string>& names) {
  std::string found;
  std::istringstream lines(octets);
  for (std::string line; std::getline(lines, line) && line != "\r";)
    for (const auto& name : names)
      if (line.rfind(name + ":", 0) == 0) found += line + "\n";
  return found;
}

std::string answerTo(const std::string& request, const std::string& status) {
  auto to = headersOf(request, {"To"});
  if (to.find(";tag=") == std::string::npos) to.insert(to.size() - 2, ";tag=phone");
  return "SIP/2.0 " + status + "\r\n" + headersOf(request, {"Via", "Record-Route", "From", "Call-ID", "CSeq"}) + to +
         "Content-Length: 0\r\n\r\n";
}

Runtime::Endpoint Traffic::caller() {
  return *Runtime::Endpoint::parse("127.0.0.1:6001");
}
Runtime::Endpoint Traffic::phone() {
  return *Runtime::Endpoint::parse("127.0.0.1:6004");
}

World::Settings Traffic::settings(uint64_t seed) {
  Log::Settings log;
  log.level = Log::Level::fatal;  // the rules log every request that they refuse
  Log::apply(log);
  World::Settings settings;
  settings.configuration = sourceFolder() + "/testsuite/scenarios/config/pause.xml";
  settings.bundles = {"pause"};
  settings.seed = seed;
  return settings;
}

std::string Traffic::request(const std::string& method, const std::string& uri, const std::string& id) const {
  return method + " " + uri + " SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:6001;branch=z9hG4bK" + id +
         "\r\nMax-Forwards: 70\r\nFrom: <sip:alice@127.0.0.1>;tag=" + id + "\r\nTo: <" + uri + ">\r\nCall-ID: " + id + "\r\nCSeq: 1 " +
         method + "\r\nContact: <sip:alice@127.0.0.1:6001>\r\nContent-Length: 0\r\n\r\n";
}

void Traffic::round(const std::string& id) {
  for (const char* user : {"answers", "busy", "hasty", "mute"})
    send(request("INVITE", std::string("sip:") + user + "@127.0.0.1:6004", id + user));
  for (const char* user : {"wait", "stop", "drop", "late", "broken", "expression", "called", "twice", "nobody"})
    send(request("MESSAGE", std::string("sip:") + user + "@127.0.0.1", id + user));
  send(request("INVITE", "sip:wait@127.0.0.1", id + "hasty-wait"));
}

void Traffic::runUntil(Runtime::Duration at) {
  for (;;) {
    deliver();
    if (_world.time() >= at) return;
    _world.runUntil(std::min(at, _world.time() + 50ms));
  }
}

void Traffic::deliver() {
  for (auto sent = _world.take(); !sent.empty(); sent = _world.take())
    for (const auto& [packet, time] : sent) {
      _trace += std::to_string(time.count()) + " " + packet.from.toString() + " > " + packet.to.toString() + "\n" + packet.octets + "\n";
      if (packet.to == phone()) phoneGets(packet.octets);
      if (packet.to == caller()) callerGets(packet.octets);
    }
}

void Traffic::phoneGets(const std::string& octets) {
  const auto answer = [&](const std::string& status) { _world.send(phone(), _world.listener(), answerTo(octets, status)); };
  const auto is = [&](const char* text) { return octets.find(text) < octets.find("\r\n"); };
  if (is("ACK ") || is("mute@")) return;
  if (is("CANCEL ")) {
    answer("200 OK");
    auto invite = octets;
    invite.replace(invite.find(" CANCEL\r\n"), 9, " INVITE\r\n");
    _world.send(phone(), _world.listener(), answerTo(invite, "487 Request Terminated"));
  } else if (is("hasty@")) {
    answer("180 Ringing");
  } else {
    answer(is("busy@") ? "486 Busy Here" : "200 OK");
  }
}

void Traffic::callerGets(const std::string& octets) {
  const int status = std::stoi(octets.substr(8, 3));
  _statuses.push_back(status);
  if (headersOf(octets, {"CSeq"}) != "CSeq: 1 INVITE\r\n") return;
  const auto via = headersOf(octets, {"Via"});
  const auto id = via.substr(via.find("z9hG4bK") + 7, via.find("\r\n") - via.find("z9hG4bK") - 7);
  const auto to = headersOf(octets, {"To"});
  const auto uri = to.substr(5, to.find('>') - 5);
  if (status == 100 && id.find("hasty") != std::string::npos) send(request("CANCEL", uri, id));
  if (status < 300) return;
  auto ack = request("ACK", uri, id);
  ack.replace(ack.find("To: "), ack.find("\r\nCall-ID") + 2 - ack.find("To: "), to);
  send(ack);
}

size_t Traffic::replies(int status) const {
  return static_cast<size_t>(std::count(_statuses.begin(), _statuses.end(), status));
}

}  // namespace Patchbay::Testsuite
