#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "FakeEnvironment.h"
#include "Scenario.h"
#include "VirtualConnections.h"
#include "VirtualDatabase.h"
#include "patchbay/application/Server.h"
#include "patchbay/resolver/Resolver.h"
#include "patchbay/transport/Routes.h"

namespace Patchbay::Testsuite {

/// Names of a scenario, answered in virtual time.
class VirtualNames : public Resolver::NameServer {
 public:
  VirtualNames(FakeEnvironment& environment, std::vector<Scenario::Name> names);
  ~VirtualNames() override;
  void ask(const std::string& name, Type type, std::function<void(Answer)> done) override;

 private:
  struct Later;
  struct Found {
    Answer answer;
    Runtime::Duration delay{};
    bool silent = false;
  };
  Found find(const std::string& name, Type type, int aliases) const;

  FakeEnvironment& _environment;
  Runtime::Instant _began;
  std::vector<Scenario::Name> _names;
  std::unique_ptr<Later> _later;
};

/// A scenario's routes; to all else there is none.
class VirtualRoutes : public Transport::Routes {
 public:
  explicit VirtualRoutes(std::map<Runtime::IpAddress, Runtime::IpAddress> routes) : _routes(std::move(routes)) {}
  std::optional<Runtime::IpAddress> sourceFor(const Runtime::IpAddress& target) override {
    const auto found = _routes.find(target);
    return found == _routes.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  std::map<Runtime::IpAddress, Runtime::IpAddress> _routes;
};

/// The whole server on one thread, virtual clock and virtual network, with the real bundles through the real loader. The data folder is a
/// fresh one, removed at the end.
class World {
 public:
  struct Settings {
    std::string configuration;  ///< path; empty: testsuite/open/patchbay.xml
    std::map<std::string, std::string> defines = {};
    std::vector<std::string> bundles = {};  ///< test bundles to load besides
    std::vector<Scenario::Name> names = {};
    std::map<Runtime::IpAddress, Runtime::IpAddress> routes = {};
    bool database = false;  ///< the server's database is a VirtualDatabase
    bool log = false;       ///< it logs as its configuration says, not as the process does
    uint64_t seed = 1;
  };
  explicit World(Settings settings);
  ~World();

  /// Throws Poco::Exception with the problems when the server does not start.
  void start();
  void stop();
  /// From the next start on.
  void use(std::string configuration) { _settings.configuration = std::move(configuration); }
  FakeEnvironment& environment() { return *_environment; }
  Application::Server& server() { return *_server; }
  /// The first address that the server announced to listen on by UDP, and by TCP.
  Runtime::Endpoint listener(bool stream = false) const { return stream ? _streamListener : _listener; }

  /// Hands a datagram to the server, which finds it to have waited in the queue for so long; what it does at once has happened when this
  /// returns.
  void send(const Runtime::Endpoint& from, const Runtime::Endpoint& to, std::string octets, Runtime::Duration waited = {});
  /// The same octets by a connection, `chunk` at a time.
  void sendByStream(const Runtime::Endpoint& from, const Runtime::Endpoint& to, std::string_view octets, size_t chunk = SIZE_MAX);
  VirtualConnections& connections() { return _connections; }
  VirtualDatabase& database() { return *_database; }
  /// After the test has done something to a connection.
  void turn();
  /// Lets virtual time pass until `at` since the beginning.
  void runUntil(Runtime::Duration at);
  Runtime::Duration time() const { return _environment->clock.now() - _began; }

  /// A datagram, or a message by a connection, that the server sent, with its virtual time. What it sent by a connection that it opened is
  /// said to come from its listener.
  struct Sent {
    FakeNetwork::Packet packet;
    Runtime::Duration at;
  };
  /// What was sent since the last call.
  std::vector<Sent> take();
  /// The sum of a metric's samples that have all these labels.
  double metric(const std::string& name, const std::map<std::string, std::string>& labels = {}) const;

 private:
  void collect();
  Settings _settings;
  std::string _folder;
  std::unique_ptr<FakeEnvironment> _environment;
  std::unique_ptr<VirtualNames> _names;
  std::unique_ptr<VirtualRoutes> _routes;
  std::unique_ptr<VirtualDatabase> _database;
  std::unique_ptr<Application::Server> _server;
  VirtualConnections _connections;
  Runtime::Endpoint _listener, _streamListener;
  Runtime::Instant _began;
  std::vector<Sent> _sent;
};

}  // namespace Patchbay::Testsuite
