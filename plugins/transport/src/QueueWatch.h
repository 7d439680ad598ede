#pragma once

#include <span>

#include "Meters.h"
#include "patchbay/runtime/Clock.h"
#include "patchbay/runtime/Datagram.h"

namespace Patchbay::Transport {

/// Decides when a socket measures how long datagrams wait in its queue: while its worker is loaded, and for a second of calm more.
///
/// A worker counts as loaded when batches come full so many times in a row and the memory that the queue then takes means a wait of 20 ms
/// or more at the pace of just now; or when the work of one turn has taken 50 ms. A loop of few requests that are always there, as load
/// generators make, fills batches too, but its queue is short.
class QueueWatch {
 public:
  /// What has waited for less is as if it had not.
  static constexpr Runtime::Duration Negligible = std::chrono::milliseconds(10);
  static constexpr Runtime::Duration Loaded = std::chrono::milliseconds(20);
  static constexpr Runtime::Duration SlowTurn = std::chrono::milliseconds(50);
  static constexpr Runtime::Duration Calm = std::chrono::seconds(1);
  static constexpr size_t FullInRow = 8;
  /// What the system takes for the smallest datagram.
  static constexpr size_t LeastMemory = 768;

  QueueWatch(Runtime::DatagramSocket& socket, QueueCell& cell) : _socket(socket), _cell(cell) {}
  ~QueueWatch();
  QueueWatch(const QueueWatch&) = delete;

  /// A batch was received in the turn that began then. Costs two comparisons a batch while there is no load.
  void received(std::span<const Runtime::Datagram> batch, Runtime::Instant now) {
    const bool slow = now - _last > SlowTurn;
    _last = now;
    if (batch.size() >= Runtime::DatagramSocket::MostInBatch || slow || _stamping) [[unlikely]]
      look(batch, now, slow);
    else
      _full = 0;
  }
  /// Nothing was there: what passes until the next batch is no work.
  void empty() { _last = Runtime::Instant::max(); }
  bool stamping() const { return _stamping; }

 private:
  void look(std::span<const Runtime::Datagram> batch, Runtime::Instant now, bool slow);
  bool isLong(Runtime::Instant now) const;
  void measure(std::span<const Runtime::Datagram> batch, Runtime::Instant now);
  void stamp(bool on, Runtime::Instant now);

  Runtime::DatagramSocket& _socket;
  QueueCell& _cell;
  Runtime::Instant _last = Runtime::Instant::max();  ///< the turn of the last batch
  Runtime::Instant _since{};                         ///< the turn of the first full batch in the row; while stamping: of the last load
  size_t _full = 0;
  bool _stamping = false;
};

}  // namespace Patchbay::Transport
