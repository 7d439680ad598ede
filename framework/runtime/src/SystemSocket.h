#pragma once

#include <array>
#include <memory>

#include "patchbay/runtime/Datagram.h"

namespace Patchbay::Runtime {

/// A bound socket of the machine, closed with this object; what its two kinds have in common.
class SystemSocket : public DatagramSocket {
 public:
  static constexpr size_t BatchSize = MostInBatch;
  /// A datagram of any size, and some: at a distance that is a power of two the beginnings of all slots would compete for the same few
  /// lines of the processor's caches.
  static constexpr size_t SlotBytes = 64 * 1024 + 1088;

  /// Throws Poco::IOException.
  SystemSocket(const Endpoint& local, bool shared, const DatagramOptions& options);
  ~SystemSocket() override;
  SystemSocket(const SystemSocket&) = delete;

  const Endpoint& local() const override { return _local; }
  int descriptor() const override { return _descriptor; }

 protected:
  /// Room for one datagram of a batch. Only what datagrams have filled is ever touched, so most of it stays unused address space.
  char* slot(size_t index) { return _slots.get() + index * SlotBytes; }
  std::array<Datagram, BatchSize> _datagrams;

 private:
  void prepare(bool shared, const DatagramOptions& options);
  void bindTo(const Endpoint& local);
  [[noreturn]] void fail(const Endpoint& local, const char* what);

  int _descriptor;
  Endpoint _local;
  std::unique_ptr<char[]> _slots;
};

/// recvfrom and sendto, a call a datagram: for every system with BSD sockets.
std::unique_ptr<DatagramSocket> makePortableSocket(const Endpoint& local, bool shared, const DatagramOptions& options);
#ifdef __linux__
/// recvmmsg, sendmmsg and UDP_SEGMENT.
std::unique_ptr<DatagramSocket> makeBatchedSocket(const Endpoint& local, bool shared, const DatagramOptions& options);
#endif

}  // namespace Patchbay::Runtime
