#pragma once

#include <optional>
#include <string>

namespace Patchbay::Application {

/// The command that starts a daemon ends when the daemon is ready or has failed, with its exit code and what it had to say; without this a
/// daemon that finds its address taken would fail unseen.
class DaemonStart {
 public:
  /// In the process that was started: waits for the daemon and gives its exit code. In the other, which becomes the daemon: nothing.
  std::optional<int> fork();
  /// In the daemon: standard error leads to the one who waits, until `report`.
  void redirect();
  /// In the daemon, the first time: lets go the one who waits. Without `fork`: nothing.
  void report(int code);

 private:
  int wait(int from);
  int _to = -1;
};

}  // namespace Patchbay::Application
