#include "LimitedConnection.h"

#include <algorithm>

#include <Poco/Net/NetException.h>

namespace Patchbay::Admin {

int LimitedConnection::receiveBytes(void* buffer, int length, int flags) {
  const auto time = std::chrono::duration_cast<std::chrono::milliseconds>(_end - std::chrono::steady_clock::now());
  if (time.count() <= 0) throw Poco::TimeoutException("the request takes too long");
  if (_left == 0) throw Poco::Net::NetException("the request is too large");
  setReceiveTimeout(Poco::Timespan(time.count() * 1000));
  const int wanted = static_cast<int>(std::min<size_t>(static_cast<size_t>(length), _left));
  const int received = Poco::Net::StreamSocketImpl::receiveBytes(buffer, wanted, flags);
  if (received > 0) _left -= static_cast<size_t>(received);
  return received;
}

}  // namespace Patchbay::Admin
