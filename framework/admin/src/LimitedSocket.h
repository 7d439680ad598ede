#pragma once

#include <chrono>

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/ServerSocketImpl.h>
#include <Poco/Net/StreamSocketImpl.h>

namespace Patchbay::Admin {

/// A listening socket whose connections may send so many octets in so much time and no more: POCO's server has only limits a field and a
/// read, so that a slow or endless request would hold its thread.
class LimitedSocketImpl : public Poco::Net::ServerSocketImpl {
 public:
  LimitedSocketImpl(size_t mostBytes, std::chrono::milliseconds most) : _mostBytes(mostBytes), _most(most) {}
  Poco::Net::SocketImpl* acceptConnection(Poco::Net::SocketAddress& client) override;

 private:
  size_t _mostBytes;
  std::chrono::milliseconds _most;
};

class LimitedSocket : public Poco::Net::ServerSocket {
 public:
  LimitedSocket(size_t mostBytes, std::chrono::milliseconds most) : Poco::Net::ServerSocket(new LimitedSocketImpl(mostBytes, most), true) {}
};

}  // namespace Patchbay::Admin
