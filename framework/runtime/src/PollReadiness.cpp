#include <Poco/Exception.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <vector>

#include "Readiness.h"
#include "patchbay/runtime/Worker.h"

namespace Patchbay::Runtime {

namespace {

using namespace std::chrono;

class PollReadiness : public Readiness {
 public:
  PollReadiness() {
    if (pipe(_wake.data()) != 0) throw Poco::IOException("cannot make a pipe", std::system_category().message(errno), errno);
    for (const int end : _wake) {
      fcntl(end, F_SETFL, O_NONBLOCK);
      fcntl(end, F_SETFD, FD_CLOEXEC);
    }
    set(_wake[0], Worker::readable);
  }
  ~PollReadiness() override {
    close(_wake[0]);
    close(_wake[1]);
  }

  void set(int descriptor, unsigned events) override {
    clear(descriptor);
    const int wanted = ((events & Worker::readable) ? POLLIN : 0) | ((events & Worker::writable) ? POLLOUT : 0);
    _watched.push_back({descriptor, static_cast<short>(wanted), 0});
    _ready.reserve(_watched.size());
  }

  void clear(int descriptor) override {
    std::erase_if(_watched, [=](const pollfd& watched) { return watched.fd == descriptor; });
  }

  std::span<const Ready> wait(Duration most) override {
    _ready.clear();
    if (poll(_watched.data(), _watched.size(), static_cast<int>(ceil<milliseconds>(most).count())) <= 0) return {};
    for (const pollfd& watched : _watched) {
      if (watched.revents == 0) continue;
      if (watched.fd == _wake[0])
        drain();
      else
        _ready.push_back({watched.fd, eventsOf(watched.revents)});
    }
    return _ready;
  }

  void wake() override {
    // a full pipe wakes as well
    [[maybe_unused]] const ssize_t written = write(_wake[1], "", 1);
  }

 private:
  void drain() {
    char octets[64];
    while (read(_wake[0], octets, sizeof octets) > 0) continue;
  }

  static unsigned eventsOf(short events) {
    if (events & (POLLERR | POLLHUP | POLLNVAL)) return Worker::readable | Worker::writable;
    return ((events & POLLIN) ? Worker::readable : 0u) | ((events & POLLOUT) ? Worker::writable : 0u);
  }

  std::array<int, 2> _wake{};
  std::vector<pollfd> _watched;
  std::vector<Ready> _ready;
};

}  // namespace

std::unique_ptr<Readiness> makePollReadiness() {
  return std::make_unique<PollReadiness>();
}

#ifndef __linux__
std::unique_ptr<Readiness> makeSystemReadiness() {
  return makePollReadiness();
}
#endif

}  // namespace Patchbay::Runtime
