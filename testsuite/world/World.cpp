#include "World.h"

#include <stdlib.h>

#include <algorithm>

#include <Poco/Exception.h>
#include <Poco/File.h>

#include "TestPaths.h"

namespace Patchbay::Testsuite {

using namespace std::chrono_literals;

/// Answers that are to come after a delay.
struct VirtualNames::Later : Runtime::Ticker {
  struct Entry {
    Runtime::Instant due;
    std::function<void()> answer;
  };
  std::vector<Entry> entries;
  std::optional<Runtime::Instant> nextDue() override {
    std::optional<Runtime::Instant> next;
    for (const auto& entry : entries)
      if (!next || entry.due < *next) next = entry.due;
    return next;
  }
  void tick(Runtime::Instant now) override {
    std::vector<std::function<void()>> due;
    std::erase_if(entries, [&](Entry& entry) {
      if (entry.due > now) return false;
      due.push_back(std::move(entry.answer));
      return true;
    });
    for (auto& answer : due) answer();
  }
};

VirtualNames::VirtualNames(FakeEnvironment& environment, std::vector<Scenario::Name> names)
    : _environment(environment), _began(environment.clock.now()), _names(std::move(names)), _later(std::make_unique<Later>()) {
  _environment.worker.add(*_later);
}

VirtualNames::~VirtualNames() {
  _environment.worker.remove(*_later);
}

/// What the entries that count now say; the last one's delay and time to live.
VirtualNames::Found VirtualNames::find(const std::string& name, Type type, int aliases) const {
  using Kind = Scenario::Name::Kind;
  Found found{{.outcome = Resolver::Outcome::notFound}};
  const auto now = _environment.clock.now() - _began;
  for (const auto& entry : _names) {
    if (entry.name != name || now < entry.from || now >= entry.until) continue;
    if (entry.kind == Kind::alias && aliases < 8) return find(entry.record.target, type, aliases + 1);
    found.silent = entry.kind == Kind::silent;
    found.delay = entry.delay;
    if (entry.kind == Kind::broken || entry.kind == Kind::alias) found.answer = {.failure = Failure::server};
    if (entry.kind != Kind::record || entry.type != type) continue;
    found.answer.outcome = Resolver::Outcome::found;
    found.answer.records.push_back(entry.record);
    found.answer.ttl = entry.ttl;
  }
  return found;
}

void VirtualNames::ask(const std::string& name, Type type, std::function<void(Answer)> done) {
  const auto found = find(name, type, 0);
  if (found.silent) return;
  if (found.delay == 0ns) return done(found.answer);
  _later->entries.push_back({_environment.clock.now() + found.delay, [done = std::move(done), answer = found.answer] { done(answer); }});
}

World::World(Settings settings)
    : _settings(std::move(settings)),
      _environment(std::make_unique<FakeEnvironment>(_settings.seed)),
      _connections(_environment->network.streams) {
  char folder[] = "/tmp/patchbay-world-XXXXXX";
  if (!::mkdtemp(folder)) throw Poco::CreateFileException("no temporary folder");
  _folder = folder;
  _names = std::make_unique<VirtualNames>(*_environment, _settings.names);
  _routes = std::make_unique<VirtualRoutes>(_settings.routes);
  _began = _environment->clock.now();
}

World::~World() {
  stop();
  try {
    Poco::File(_folder).remove(true);
  } catch (const Poco::Exception&) {  // a leftover in /tmp harms nobody
  }
}

void World::start() {
  Application::Server::Options options;
  options.configuration = _settings.configuration.empty() ? sourceFolder() + "/testsuite/open/patchbay.xml" : _settings.configuration;
  options.defines.insert(_settings.defines.begin(), _settings.defines.end());
  options.defines["data"] = _folder;
  options.defines.emplace("admin", "off");
  options.bundleFolders = {bundlesFolder()};
  for (const auto& name : _settings.bundles) options.extraBundles.push_back(testBundlesFolder() + "/" + name + ".bundle");
  _server = std::make_unique<Application::Server>(std::move(options));
  if (_settings.log) _server->applyLog();
  _server->services().override_<Resolver::NameServer>(*_names);
  _server->services().override_<Transport::Routes>(*_routes);
  if (_settings.database) {
    _database = std::make_unique<VirtualDatabase>(Data::Database::make("sqlite:" + _folder + "/patchbay.db", *_environment));
    _server->services().override_<Data::Database>(*_database);
  }
  if (!_server->load(_environment->get())) throw Poco::DataFormatException(_server->problems().toString());
  _server->start();
  for (const auto& [what, value] : _server->announcements())
    for (auto& [protocol, listener] : {std::pair<const char*, Runtime::Endpoint&>("udp:", _listener), {"tcp:", _streamListener}})
      if (what == "listening on" && value.rfind(protocol, 0) == 0 && !listener.address.valid())
        listener = Runtime::Endpoint::parse(value.substr(4)).value_or(Runtime::Endpoint());
  collect();
}

void World::stop() {
  if (_server) _server->stop();
  _server.reset();
  _database.reset();
  _environment->forgetMetrics();
}

void World::send(const Runtime::Endpoint& from, const Runtime::Endpoint& to, std::string octets, Runtime::Duration waited) {
  if (!_environment->network.inject(from, to, std::move(octets), waited))
    throw Poco::IOException("the server does not listen on " + to.toString());
  _environment->turn();
  collect();
}

void World::sendByStream(const Runtime::Endpoint& from, const Runtime::Endpoint& to, std::string_view octets, size_t chunk) {
  if (!_connections.send(from, to, octets, chunk)) throw Poco::IOException("the server does not listen on " + to.toString());
  turn();
}

void World::turn() {
  _environment->turn();
  collect();
}

void World::runUntil(Runtime::Duration at) {
  const auto end = _began + at;
  for (;;) {
    _environment->turn();
    collect();
    const auto due = _environment->worker.nextDue();
    if (!due || *due > end) break;
    _environment->clock.move(std::max<Runtime::Duration>(*due - _environment->clock.now(), 0ns));
  }
  if (end > _environment->clock.now()) _environment->clock.move(end - _environment->clock.now());
  _environment->turn();
  collect();
}

void World::collect() {
  for (auto& packet : _environment->network.sent) _sent.push_back({std::move(packet), time()});
  _environment->network.sent.clear();
  _connections.collect([this](FakeNetwork::Packet packet) {
    if (packet.from != _streamListener && packet.from.address == _streamListener.address) packet.from = _streamListener;
    _sent.push_back({std::move(packet), time()});
  });
}

std::vector<World::Sent> World::take() {
  return std::exchange(_sent, {});
}

double World::metric(const std::string& name, const std::map<std::string, std::string>& labels) const {
  double sum = 0;
  bool found = false;
  for (const auto& family : _environment->metrics.read()) {
    if (family.name != name) continue;
    for (const auto& sample : family.samples) {
      const bool fits = std::all_of(labels.begin(), labels.end(), [&](const auto& wanted) {
        return std::any_of(sample.labels.begin(), sample.labels.end(),
                           [&](const auto& label) { return label.name == wanted.first && label.value == wanted.second; });
      });
      if (fits) sum += sample.value;
      found = found || fits;
    }
  }
  if (!found) throw Poco::NotFoundException("no metric " + name);
  return sum;
}

}  // namespace Patchbay::Testsuite
