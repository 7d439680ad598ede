#include "LimitedSocket.h"

#include <sys/socket.h>

#include "LimitedConnection.h"
#include "SecureConnection.h"

namespace Patchbay::Admin {

namespace {

/// A handshake, and what each record has around it.
constexpr size_t TlsBytes = 32 * 1024;

}  // namespace

Poco::Net::SocketImpl* LimitedSocketImpl::acceptConnection(Poco::Net::SocketAddress& client) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  int descriptor = -1;
  do {
    descriptor = ::accept4(sockfd(), reinterpret_cast<sockaddr*>(&address), &length, SOCK_CLOEXEC);
  } while (descriptor < 0 && errno == EINTR);
  if (descriptor < 0) error();
  client = Poco::Net::SocketAddress(reinterpret_cast<const sockaddr*>(&address), static_cast<poco_socklen_t>(length));
  const auto context = _context.with([](const auto& known) { return known; });
  if (context) return new SecureConnection(descriptor, _mostBytes + TlsBytes, _most, context);
  return new LimitedConnection(descriptor, _mostBytes, _most);
}

}  // namespace Patchbay::Admin
