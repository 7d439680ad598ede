#pragma once

#include <functional>
#include <thread>

namespace Patchbay::Application {

/// Ends the process at SIGTERM, SIGINT or SIGQUIT (which must be blocked) while the server loads and nobody else waits for them. It has
/// taken no request then, so nothing is lost. Once destroyed it takes no signal.
class EarlyEnd {
 public:
  /// `last` is called, on another thread, before the process ends.
  EarlyEnd(int exitCode, std::function<void()> last);
  ~EarlyEnd();

 private:
  void wait();
  const int _exitCode;
  const std::function<void()> _last;
  int _signals, _done;
  std::thread _thread;
};

}  // namespace Patchbay::Application
