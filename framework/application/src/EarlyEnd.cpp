#include "EarlyEnd.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace Patchbay::Application {

EarlyEnd::EarlyEnd(int exitCode, std::function<void()> last) : _exitCode(exitCode), _last(std::move(last)) {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGQUIT}) sigaddset(&signals, signal);
  _signals = ::signalfd(-1, &signals, SFD_CLOEXEC);
  _done = ::eventfd(0, EFD_CLOEXEC);
  _thread = std::thread([this] { wait(); });
}

EarlyEnd::~EarlyEnd() {
  ::eventfd_write(_done, 1);
  _thread.join();
  ::close(_signals);
  ::close(_done);
}

void EarlyEnd::wait() {
  pollfd ends[2] = {{_done, POLLIN, 0}, {_signals, POLLIN, 0}};
  while (::poll(ends, 2, -1) < 0) {
  }
  if (ends[0].revents != 0) return;  // a signal of the same moment is for the one who waits next
  _last();
  ::_exit(_exitCode);
}

}  // namespace Patchbay::Application
