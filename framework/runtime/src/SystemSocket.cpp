#include "SystemSocket.h"

#include <Poco/Exception.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace Patchbay::Runtime {

namespace {

bool setOption(int descriptor, int level, int name, int value) {
  return setsockopt(descriptor, level, name, &value, sizeof value) == 0;
}

void setBuffers(int descriptor, const DatagramOptions& options) {
#ifdef SO_RCVBUFFORCE
  // beyond the system's limit, which needs a privilege
  const bool forced = setOption(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, options.receiveBuffer);
  const bool sendForced = setOption(descriptor, SOL_SOCKET, SO_SNDBUFFORCE, options.sendBuffer);
#else
  constexpr bool forced = false, sendForced = false;
#endif
  // less than asked for is no error
  if (!forced) setOption(descriptor, SOL_SOCKET, SO_RCVBUF, options.receiveBuffer);
  if (!sendForced) setOption(descriptor, SOL_SOCKET, SO_SNDBUF, options.sendBuffer);
}

}  // namespace

SystemSocket::SystemSocket(const Endpoint& local, bool shared, const DatagramOptions& options)
    : _descriptor(socket(local.address.isV6() ? AF_INET6 : AF_INET, SOCK_DGRAM, 0)), _local(local) {
  if (_descriptor < 0) fail(local, "cannot make a socket for ");
  prepare(shared, options);
  bindTo(local);
  _slots = std::make_unique_for_overwrite<char[]>(BatchSize * SlotBytes);
}

SystemSocket::~SystemSocket() {
  close(_descriptor);
}

void SystemSocket::prepare(bool shared, const DatagramOptions& options) {
  const bool ready = fcntl(_descriptor, F_SETFL, O_NONBLOCK) == 0 && fcntl(_descriptor, F_SETFD, FD_CLOEXEC) == 0;
  if (!ready) fail(_local, "cannot prepare the socket for ");
  // one socket a family: which addresses are served must not hang on a system setting
  if (_local.address.isV6() && !setOption(_descriptor, IPPROTO_IPV6, IPV6_V6ONLY, 1)) fail(_local, "cannot make IPv6 only ");
#ifdef SO_REUSEPORT
  if (shared && !setOption(_descriptor, SOL_SOCKET, SO_REUSEPORT, 1)) fail(_local, "cannot share ");
#else
  if (shared) setOption(_descriptor, SOL_SOCKET, SO_REUSEADDR, 1);
#endif
  setBuffers(_descriptor, options);
}

void SystemSocket::bindTo(const Endpoint& local) {
  sockaddr_storage raw{};
  if (bind(_descriptor, reinterpret_cast<const sockaddr*>(&raw), local.toSockaddr(raw)) != 0) fail(local, "cannot bind ");
  socklen_t length = sizeof raw;
  if (getsockname(_descriptor, reinterpret_cast<sockaddr*>(&raw), &length) != 0) fail(local, "cannot ask for the address of ");
  _local = Endpoint::fromSockaddr(reinterpret_cast<const sockaddr*>(&raw));
}

void SystemSocket::fail(const Endpoint& local, const char* what) {
  const int error = errno;
  if (_descriptor >= 0) close(_descriptor);
  throw Poco::IOException(what + local.toString(), std::system_category().message(error), error);
}

}  // namespace Patchbay::Runtime
