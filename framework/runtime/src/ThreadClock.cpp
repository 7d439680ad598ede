#include "ThreadClock.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstring>
#include <ctime>

namespace Patchbay::Runtime {

namespace {

/// Linux tells in a file how long a thread has run, how long it has waited for a core, and how often it ran, the times in nanoseconds.
/// The first is brought up to date now and then only, so it is taken from the thread's own clock.
class SystemThreadClock : public ThreadClock {
 public:
  SystemThreadClock() : _file(open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC)) {}
  ~SystemThreadClock() override {
    if (_file >= 0) close(_file);
  }
  SystemThreadClock(const SystemThreadClock&) = delete;

  ThreadUse read() override {
    timespec cpu{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu);
    return {std::chrono::seconds(cpu.tv_sec) + Duration(cpu.tv_nsec), queued()};
  }

 private:
  Duration queued() const {
    std::array<char, 96> text;
    const ssize_t length = _file < 0 ? -1 : pread(_file, text.data(), text.size(), 0);
    if (length <= 0) return {};
    const char* const end = text.data() + length;
    const auto* const second = static_cast<const char*>(std::memchr(text.data(), ' ', static_cast<size_t>(length)));
    int64_t nanoseconds = 0;
    if (second) std::from_chars(second + 1, end, nanoseconds);
    return Duration(nanoseconds);
  }

  const int _file;
};

}  // namespace

std::unique_ptr<ThreadClock> makeThreadClock() {
  return std::make_unique<SystemThreadClock>();
}

}  // namespace Patchbay::Runtime
