#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>

#include "LogLines.h"
#include "Pattern.h"
#include "Scenario.h"
#include "World.h"

namespace Patchbay::Testsuite {

/// Plays a scenario: every datagram that the server sends must be the next that its receiver expects, at the millisecond that the scenario
/// says, every line of it; and at the end nothing is left: no datagram, no transaction, no suspended request.
class ScenarioRun {
 public:
  explicit ScenarioRun(const Scenario& scenario) : _scenario(scenario) {}
  /// Empty when all went as written, else what did not, with file and line.
  std::string play();

 private:
  void advance(Runtime::Duration at, int line);
  void send(const Statement& statement);
  void receive(const Statement& statement);
  void metric(const Statement& statement);
  void restart(const Statement& statement);
  void operation(const Statement& statement);
  void database(const Statement& statement);
  void connection(const Statement& statement);
  void log(const Statement& statement);
  void collect();
  void finish();
  std::string besideScenario(const std::string& file) const;
  [[noreturn]] void fail(int line, const std::string& text) const;
  /// Where something arrives: the same address and port by UDP and by TCP are two.
  using Place = std::pair<bool, Runtime::Endpoint>;
  static Place placeOf(const Scenario::Peer& peer) { return {peer.stream, peer.endpoint}; }
  std::string nameOf(const Place& place) const;
  Runtime::Endpoint serverOf(const Statement& statement) const;

  const Scenario& _scenario;
  std::optional<LogLines> _log;  ///< when a statement asks for lines
  std::unique_ptr<World> _world;
  Captures _captures;
  std::map<Place, std::deque<World::Sent>> _inboxes;
};

}  // namespace Patchbay::Testsuite
