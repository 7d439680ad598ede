#pragma once

#include <chrono>

#include <Poco/Net/Context.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/ServerSocketImpl.h>

#include "patchbay/runtime/Guarded.h"

namespace Patchbay::Admin {

/// A listening socket whose connections may send so many octets in so much time and no more: POCO's server has only limits a field and a
/// read, so that a slow or endless request would hold its thread.
class LimitedSocketImpl : public Poco::Net::ServerSocketImpl {
 public:
  LimitedSocketImpl(size_t mostBytes, std::chrono::milliseconds most) : _mostBytes(mostBytes), _most(most) {}
  Poco::Net::SocketImpl* acceptConnection(Poco::Net::SocketAddress& client) override;
  /// Connections from now on speak TLS by it; null: none.
  void use(Poco::Net::Context::Ptr context) {
    _context.with([&](auto& known) { known = context; });
  }

 private:
  size_t _mostBytes;
  std::chrono::milliseconds _most;
  Runtime::Guarded<Poco::Net::Context::Ptr> _context;
};

class LimitedSocket : public Poco::Net::ServerSocket {
 public:
  LimitedSocket(size_t mostBytes, std::chrono::milliseconds most) : Poco::Net::ServerSocket(new LimitedSocketImpl(mostBytes, most), true) {}
  void use(Poco::Net::Context::Ptr context) { static_cast<LimitedSocketImpl*>(impl())->use(std::move(context)); }
};

}  // namespace Patchbay::Admin
