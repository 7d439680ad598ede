#ifdef __linux__

#include <Poco/Exception.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "Readiness.h"
#include "patchbay/runtime/Worker.h"

namespace Patchbay::Runtime {

namespace {

using namespace std::chrono;

[[noreturn]] void fail(const char* what) {
  throw Poco::IOException(what, std::system_category().message(errno), errno);
}

class EpollReadiness : public Readiness {
 public:
  EpollReadiness() : _epoll(epoll_create1(EPOLL_CLOEXEC)), _wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    epoll_event event{};
    // edge-triggered, so that the count need not be read away after each wake-up
    event.events = EPOLLIN | EPOLLET;
    event.data.fd = _wake;
    if (_epoll < 0 || _wake < 0 || epoll_ctl(_epoll, EPOLL_CTL_ADD, _wake, &event) != 0) fail("cannot set up epoll");
  }
  ~EpollReadiness() override {
    close(_wake);
    close(_epoll);
  }

  void set(int descriptor, unsigned events) override {
    epoll_event event{};
    event.events = ((events & Worker::readable) ? unsigned{EPOLLIN} : 0u) | ((events & Worker::writable) ? unsigned{EPOLLOUT} : 0u);
    event.data.fd = descriptor;
    if (epoll_ctl(_epoll, EPOLL_CTL_MOD, descriptor, &event) == 0) return;
    if (errno != ENOENT || epoll_ctl(_epoll, EPOLL_CTL_ADD, descriptor, &event) != 0) fail("cannot watch a descriptor");
  }

  void clear(int descriptor) override { epoll_ctl(_epoll, EPOLL_CTL_DEL, descriptor, nullptr); }

  std::span<const Ready> wait(Duration most) override {
    const int count = waitFor(most);
    size_t found = 0;
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = _events[static_cast<size_t>(i)];
      if (event.data.fd != _wake) _ready[found++] = {event.data.fd, eventsOf(event.events)};
    }
    return {_ready.data(), found};
  }

  void wake() override {
    const uint64_t one = 1;
    // fails only when the count is full, after 2^64 wake-ups
    [[maybe_unused]] const ssize_t written = write(_wake, &one, sizeof one);
  }

 private:
  static constexpr int MostEvents = 64;

  int waitFor(Duration most) {
    if (_exact) {
      const auto whole = duration_cast<seconds>(most);
      const timespec limit{whole.count(), static_cast<long>((most - whole).count())};
      const int count = epoll_pwait2(_epoll, _events.data(), MostEvents, &limit, nullptr);
      if (count >= 0 || errno != ENOSYS) return count;
      _exact = false;  // a kernel before 5.11
    }
    return epoll_wait(_epoll, _events.data(), MostEvents, static_cast<int>(ceil<milliseconds>(most).count()));
  }

  static unsigned eventsOf(uint32_t events) {
    if (events & (EPOLLERR | EPOLLHUP)) return Worker::readable | Worker::writable;
    return ((events & EPOLLIN) ? Worker::readable : 0u) | ((events & EPOLLOUT) ? Worker::writable : 0u);
  }

  int _epoll, _wake;
  bool _exact = true;
  std::array<epoll_event, MostEvents> _events;
  std::array<Ready, MostEvents> _ready;
};

}  // namespace

std::unique_ptr<Readiness> makeSystemReadiness() {
  return std::make_unique<EpollReadiness>();
}

}  // namespace Patchbay::Runtime

#endif
