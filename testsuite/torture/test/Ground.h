#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "World.h"

namespace Patchbay::Testsuite {

/// Where hostile messages are played to the whole server, in a virtual world that lasts for all of them.
class Ground {
 public:
  /// `configuration`: a file of testsuite/torture/config.
  explicit Ground(const std::string& configuration);

  /// Everything that the server sends because of the octets until all its timers are over; nobody answers it. The octets come from
  /// `stranger`.
  std::vector<FakeNetwork::Packet> play(std::string octets);
  /// A sound OPTIONS gets its 200 at once.
  bool alive();
  World& world() { return *_world; }

  static Runtime::Endpoint stranger();

 private:
  std::unique_ptr<World> _world;
  size_t _probes = 0;
};

/// "forward", "drop", or the status of the final reply; several are joined by "and".
std::string reactionOf(const std::vector<FakeNetwork::Packet>& sent);

/// The header lines of a message as they are on the wire, folds included, without their last line end.
std::vector<std::string> linesOf(std::string_view octets);
std::string bodyOf(std::string_view octets);
/// The name before the colon in lower case, without blanks.
std::string nameOfLine(const std::string& line);

/// A message of testsuite/torture.
std::string readTorture(const std::string& path);
/// A row of a table there: its cells.
std::vector<std::vector<std::string>> readTable(const std::string& path);

}  // namespace Patchbay::Testsuite
