#include "StandardError.h"

#include <Poco/Message.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>

namespace Patchbay::Log {

namespace {

/// Whether trying again makes sense: after a signal, or when somebody made the descriptor non-blocking.
bool mayContinue() {
  if (errno == EINTR) return true;
  if (errno != EAGAIN) return false;
  pollfd waiting{STDERR_FILENO, POLLOUT, 0};
  return poll(&waiting, 1, -1) >= 0 || errno == EINTR;
}

}  // namespace

void StandardError::log(const Poco::Message& message) {
  const std::string line = message.getText() + '\n';
  size_t done = 0;
  while (done < line.size()) {
    const ssize_t count = ::write(STDERR_FILENO, line.data() + done, line.size() - done);
    if (count >= 0)
      done += static_cast<size_t>(count);
    else if (!mayContinue())
      return;
  }
}

}  // namespace Patchbay::Log
