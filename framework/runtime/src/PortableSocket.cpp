#include <sys/socket.h>

#include <cerrno>

#include "SystemSocket.h"

namespace Patchbay::Runtime {

namespace {

class PortableSocket : public SystemSocket {
 public:
  using SystemSocket::SystemSocket;

  std::span<const Datagram> receive() override {
    size_t count = 0;
    while (count < BatchSize && receiveInto(count)) ++count;
    return {_datagrams.data(), count};
  }

  void send(Outbox& outbox) override {
    _patience = MostRetries;
    for (const Outbox::Entry& entry : outbox.entries())
      if (const int error = sendOne(outbox.octetsOf(entry), entry.target)) lose(entry.target, error);
    outbox.clear();
  }

 private:
  static constexpr int MostRetries = 4;

  bool receiveInto(size_t index) {
    sockaddr_storage source;
    socklen_t length = sizeof source;
    auto* raw = reinterpret_cast<sockaddr*>(&source);
    const ssize_t count = recvfrom(descriptor(), slot(index), SlotBytes, 0, raw, &length);
    if (count < 0) return false;
    _datagrams[index] = {{slot(index), static_cast<size_t>(count)}, Endpoint::fromSockaddr(raw), Duration::zero()};
    return true;
  }

  /// 0 or why not.
  int sendOne(std::string_view octets, const Endpoint& target) {
    sockaddr_storage raw;
    const socklen_t length = target.toSockaddr(raw);
    while (sendto(descriptor(), octets.data(), octets.size(), 0, reinterpret_cast<const sockaddr*>(&raw), length) < 0)
      if (!mayRetry(errno)) return errno;
    return 0;
  }

  /// A full buffer may have room in a moment; ECONNREFUSED was the answer to an earlier datagram. Never for long: a batch shares its
  /// retries.
  bool mayRetry(int error) {
    const bool passing = error == EINTR || error == EAGAIN || error == EWOULDBLOCK || error == ENOBUFS || error == ECONNREFUSED;
    return passing && _patience-- > 0;
  }

  int _patience = 0;
};

}  // namespace

std::unique_ptr<DatagramSocket> makePortableSocket(const Endpoint& local, bool shared, const DatagramOptions& options) {
  return std::make_unique<PortableSocket>(local, shared, options);
}

}  // namespace Patchbay::Runtime
