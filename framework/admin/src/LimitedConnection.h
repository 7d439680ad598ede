#pragma once

#include <chrono>

#include <Poco/Net/StreamSocketImpl.h>

namespace Patchbay::Admin {

/// A connection that may send so many octets in so much time and no more.
class LimitedConnection : public Poco::Net::StreamSocketImpl {
 public:
  LimitedConnection(poco_socket_t descriptor, size_t mostBytes, std::chrono::milliseconds most)
      : Poco::Net::StreamSocketImpl(descriptor), _left(mostBytes), _end(std::chrono::steady_clock::now() + most) {}

  int receiveBytes(void* buffer, int length, int flags) override;

 private:
  size_t _left;
  std::chrono::steady_clock::time_point _end;
};

}  // namespace Patchbay::Admin
