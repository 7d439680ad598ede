#include "DaemonStart.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <iostream>

#include <Poco/Exception.h>
#include <Poco/Util/Application.h>

namespace Patchbay::Application {

std::optional<int> DaemonStart::fork() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw Poco::SystemException("no pipe to the daemon");
  const pid_t child = ::fork();
  if (child < 0) throw Poco::SystemException("the daemon cannot be started: no process");
  ::close(ends[child == 0 ? 0 : 1]);
  if (child != 0) return wait(ends[0]);
  _to = ends[1];
  return std::nullopt;
}

/// Texts up to an octet 0, then one octet with the exit code.
int DaemonStart::wait(int from) {
  std::string all;
  std::array<char, 4096> part;
  for (ssize_t got; (got = ::read(from, part.data(), part.size())) > 0 || (got < 0 && errno == EINTR);)
    if (got > 0) all.append(part.data(), static_cast<size_t>(got));
  ::close(from);
  const size_t end = all.find('\0');
  std::cerr << all.substr(0, end);
  if (end != std::string::npos && end + 1 < all.size()) return static_cast<unsigned char>(all[end + 1]);
  std::cerr << "patchbay: the daemon ended before it was ready\n";
  return Poco::Util::Application::EXIT_SOFTWARE;
}

void DaemonStart::redirect() {
  if (_to >= 0) ::dup2(_to, STDERR_FILENO);
}

void DaemonStart::report(int code) {
  if (_to < 0) return;
  const char end[2] = {'\0', static_cast<char>(code)};
  [[maybe_unused]] const ssize_t written = ::write(_to, end, sizeof end);  // nobody may wait any more
  const int nothing = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  ::dup2(nothing, STDERR_FILENO);
  ::close(nothing);
  ::close(_to);
  _to = -1;
}

}  // namespace Patchbay::Application
