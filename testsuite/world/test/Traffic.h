#pragma once

#include <string>
#include <vector>

#include "World.h"

namespace Patchbay::Testsuite {

/// A caller and the phones that he calls, for runs of many requests in a world with the rules of scenarios/config/pause.xml.
class Traffic {
 public:
  explicit Traffic(World& world) : _world(world) {}

  static World::Settings settings(uint64_t seed = 1);
  /// A request of the caller; `id` makes Call-ID, tag and branch.
  std::string request(const std::string& method, const std::string& uri, const std::string& id) const;
  void send(const std::string& octets) { _world.send(caller(), _world.listener(), octets); }
  /// Lets time pass in steps of 50 ms; the phones answer what comes, the caller acknowledges final replies and gives up calls to `hasty`.
  void runUntil(Runtime::Duration at);
  /// One of each kind: answered, busy, cancelled, mute, waiting in the rules and cancelled there, stopped, failed.
  void round(const std::string& id);

  /// All that the server has sent, with times and addresses.
  const std::string& trace() const { return _trace; }
  /// How many replies with that status the caller has got.
  size_t replies(int status) const;

  static Runtime::Endpoint caller();
  static Runtime::Endpoint phone();

 private:
  void deliver();
  void phoneGets(const std::string& octets);
  void callerGets(const std::string& octets);
  World& _world;
  std::string _trace;
  std::vector<int> _statuses;
};

/// The lines of `octets` that begin with one of the names, with their ends.
std::string headersOf(const std::string& octets, const std::vector<std::string>& names);
/// A phone's reply to a request.
std::string answerTo(const std::string& request, const std::string& status);

}  // namespace Patchbay::Testsuite
