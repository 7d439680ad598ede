#include "Ground.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

#include <Poco/Exception.h>
#include <Poco/String.h>

#include "TestPaths.h"
#include "patchbay/log/Setup.h"

namespace Patchbay::Testsuite {

using namespace std::chrono_literals;

namespace {

std::string pathOf(const std::string& name) {
  return sourceFolder() + "/testsuite/torture/" + name;
}

bool isReply(const std::string& octets) {
  return octets.starts_with("SIP/2.0 ");
}

/// The hosts that the messages are to be forwarded to.
std::vector<Scenario::Name> names() {
  std::vector<Scenario::Name> names;
  for (const char* name : {"example.com", "host.example.net", "www.example.com", "example.net", "example.org", "biloxi.example.com",
                           "bigbox3.site3.atlanta.com", "vivekg.chair-dnrc.example.com", "company.com", "sip.example.com",
                           "registrar.example.com", "services.example.com", "t1.example.com", "isp.example.com"})
    names.push_back({.name = name, .record = {.address = *Runtime::IpAddress::parse("198.51.100.80")}});
  return names;
}

}  // namespace

Runtime::Endpoint Ground::stranger() {
  return *Runtime::Endpoint::parse("203.0.113.9:5060");
}

Ground::Ground(const std::string& configuration) {
  Log::Settings log;
  log.level = Log::Level::fatal;
  Log::apply(log);
  World::Settings settings;
  settings.configuration = pathOf("config/" + configuration);
  settings.names = names();
  _world = std::make_unique<World>(std::move(settings));
  _world->start();
}

std::vector<FakeNetwork::Packet> Ground::play(std::string octets) {
  _world->send(stranger(), _world->listener(), std::move(octets));
  _world->runUntil(_world->time() + 250s);
  std::vector<FakeNetwork::Packet> packets;
  for (auto& sent : _world->take()) packets.push_back(std::move(sent.packet));
  return packets;
}

bool Ground::alive() {
  const std::string id = "probe" + std::to_string(++_probes);
  const std::string uri = "sip:" + _world->listener().toString();
  _world->send(stranger(), _world->listener(),
               "OPTIONS " + uri + " SIP/2.0\r\nVia: SIP/2.0/UDP 203.0.113.9;branch=z9hG4bK" + id +
                   "\r\nMax-Forwards: 70\r\nFrom: <sip:probe@example.com>;tag=p\r\nTo: <" + uri + ">\r\nCall-ID: " + id +
                   "\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n");
  const auto sent = _world->take();
  return sent.size() == 1 && sent[0].packet.octets.starts_with("SIP/2.0 200 OK\r\n") && sent[0].packet.octets.find(id) != std::string::npos;
}

std::string reactionOf(const std::vector<FakeNetwork::Packet>& sent) {
  std::vector<std::string> statuses;
  bool forwarded = false;
  for (const auto& packet : sent) {
    if (!isReply(packet.octets))
      forwarded = true;
    else if (packet.octets[8] != '1')
      statuses.push_back(packet.octets.substr(8, 3));
  }
  if (forwarded) return "forward";
  if (statuses.empty()) return "drop";
  statuses.erase(std::unique(statuses.begin(), statuses.end()), statuses.end());  // sent again until somebody acknowledges it
  std::string all;
  for (const std::string& status : statuses) all += (all.empty() ? "" : " and ") + status;
  return all;
}

std::vector<std::string> linesOf(std::string_view octets) {
  std::vector<std::string> lines;
  const size_t end = octets.find("\r\n\r\n");
  std::string_view head = octets.substr(0, end == octets.npos ? end : end + 2);
  head.remove_prefix(std::min(head.find("\r\n") + 2, head.size()));
  while (!head.empty()) {
    size_t stop = head.find("\r\n");
    while (stop + 2 < head.size() && (head[stop + 2] == ' ' || head[stop + 2] == '\t')) stop = head.find("\r\n", stop + 2);
    if (stop == head.npos) stop = head.size();
    lines.emplace_back(head.substr(0, stop));
    head.remove_prefix(std::min(stop + 2, head.size()));
  }
  return lines;
}

std::string bodyOf(std::string_view octets) {
  const size_t end = octets.find("\r\n\r\n");
  return end == octets.npos ? std::string() : std::string(octets.substr(end + 4));
}

std::string nameOfLine(const std::string& line) {
  return Poco::toLower(Poco::trim(line.substr(0, line.find(':'))));
}

std::string readTorture(const std::string& path) {
  std::ifstream file(pathOf(path), std::ios::binary);
  if (!file) throw Poco::OpenFileException(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::vector<std::string>> readTable(const std::string& path) {
  std::istringstream file(readTorture(path));
  std::vector<std::vector<std::string>> rows;
  std::string line;
  std::getline(file, line);  // the columns' names
  while (std::getline(file, line)) {
    std::istringstream cells(line);
    std::vector<std::string> row;
    for (std::string cell; std::getline(cells, cell, '\t');) row.push_back(cell);
    if (!row.empty()) rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace Patchbay::Testsuite
