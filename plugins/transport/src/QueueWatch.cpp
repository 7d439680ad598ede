#include "QueueWatch.h"

namespace Patchbay::Transport {

QueueWatch::~QueueWatch() {
  if (_stamping) stamp(false, _since);
}

void QueueWatch::look(std::span<const Runtime::Datagram> batch, Runtime::Instant now, bool slow) {
  if (_stamping) return measure(batch, now);
  if (slow) return stamp(true, now);
  if (++_full == 1) _since = now;
  if (_full < FullInRow) return;
  if (isLong(now)) return stamp(true, now);
  _full = 0;
}

/// How long the last one in the queue will have waited when its turn comes, at the pace of this row of batches. Too long rather than too
/// short: real datagrams take more memory than the smallest.
bool QueueWatch::isLong(Runtime::Instant now) const {
  const auto perDatagram = (now - _since) / static_cast<int64_t>((FullInRow - 1) * Runtime::DatagramSocket::MostInBatch);
  return perDatagram * static_cast<int64_t>(_socket.backlog() / LeastMemory) >= Loaded;
}

void QueueWatch::measure(std::span<const Runtime::Datagram> batch, Runtime::Instant now) {
  const Runtime::Duration waited = batch.front().waited;  // first come, first served: the oldest one
  _cell.nanoseconds.store(waited.count(), std::memory_order_relaxed);
  if (waited >= Negligible)
    _since = now;
  else if (now - _since >= Calm)
    stamp(false, now);
}

void QueueWatch::stamp(bool on, Runtime::Instant now) {
  _full = 0;
  _since = now;
  if (!_socket.stamp(on)) return;
  _stamping = on;
  _cell.stamping.fetch_add(on ? 1 : -1, std::memory_order_relaxed);
  if (!on) _cell.nanoseconds.store(0, std::memory_order_relaxed);
}

}  // namespace Patchbay::Transport
