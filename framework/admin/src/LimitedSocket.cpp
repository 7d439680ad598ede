#include "LimitedSocket.h"

#include <sys/socket.h>

#include <algorithm>

#include <Poco/Net/NetException.h>

namespace Patchbay::Admin {

namespace {

using Clock = std::chrono::steady_clock;

class LimitedConnection : public Poco::Net::StreamSocketImpl {
 public:
  LimitedConnection(poco_socket_t descriptor, size_t mostBytes, std::chrono::milliseconds most)
      : Poco::Net::StreamSocketImpl(descriptor), _left(mostBytes), _end(Clock::now() + most) {}

  int receiveBytes(void* buffer, int length, int flags) override {
    const auto time = std::chrono::duration_cast<std::chrono::milliseconds>(_end - Clock::now());
    if (time.count() <= 0) throw Poco::TimeoutException("the request takes too long");
    if (_left == 0) throw Poco::Net::NetException("the request is too large");
    setReceiveTimeout(Poco::Timespan(time.count() * 1000));
    const int wanted = static_cast<int>(std::min<size_t>(static_cast<size_t>(length), _left));
    const int received = Poco::Net::StreamSocketImpl::receiveBytes(buffer, wanted, flags);
    if (received > 0) _left -= static_cast<size_t>(received);
    return received;
  }

 private:
  size_t _left;
  Clock::time_point _end;
};

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
  return new LimitedConnection(descriptor, _mostBytes, _most);
}

}  // namespace Patchbay::Admin
