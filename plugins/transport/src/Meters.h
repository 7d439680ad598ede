#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "patchbay/runtime/Counter.h"

namespace Patchbay::Transport {

/// Why something was neither handed on nor sent.
enum class Drop : uint8_t { keepalive, source, port, address, family, own, tooLong, refused, gone, closing, count_ };

constexpr std::string_view nameOf(Drop drop) {
  constexpr std::array<std::string_view, static_cast<size_t>(Drop::count_)> names{"keepalive", "source",   "port",    "address", "family",
                                                                                  "own",       "too_long", "refused", "gone",    "closing"};
  return names[static_cast<size_t>(drop)];
}

/// Why a connection was not taken.
enum class Refusal : uint8_t { cap, source, files, rate, count_ };

constexpr std::string_view nameOf(Refusal refusal) {
  constexpr std::array<std::string_view, static_cast<size_t>(Refusal::count_)> names{"cap", "source", "files", "rate"};
  return names[static_cast<size_t>(refusal)];
}

/// Why a connection ended.
enum class End : uint8_t { peer, reset, connect, framing, slow, stalled, queue, handshake, evicted, stop, count_ };

constexpr std::string_view nameOf(End end) {
  constexpr std::array<std::string_view, static_cast<size_t>(End::count_)> names{"peer",    "reset", "connect",   "framing", "slow",
                                                                                 "stalled", "queue", "handshake", "evicted", "stop"};
  return names[static_cast<size_t>(end)];
}

/// What the sockets of one worker see of their queues; read by whoever asks for metrics.
struct QueueCell {
  std::atomic<int64_t> nanoseconds{0};  ///< how long the oldest datagram of the last batch had waited; 0 while nothing is measured
  std::atomic<int> stamping{0};         ///< sockets that measure
};

/// What Codec::failure says.
constexpr std::array<std::string_view, 10> HandshakeFailures{"garbage", "version", "cipher", "certificate", "name",
                                                             "alert",   "closed",  "time",   "key_updates", "other"};

/// The counters of the whole transport; borrowed from the metrics registry.
struct Meters {
  Runtime::Counter* received = nullptr;
  Runtime::Counter* receivedOctets = nullptr;
  Runtime::Counter* handed = nullptr;
  Runtime::Counter* sent = nullptr;
  Runtime::Counter* sentOctets = nullptr;
  Runtime::Counter* late = nullptr;
  Runtime::Counter* unreachable = nullptr;
  QueueCell* queues = nullptr;  ///< by worker slot
  std::array<Runtime::Counter*, static_cast<size_t>(Drop::count_)> dropped{};
  Runtime::Counter* accepted = nullptr;
  Runtime::Counter* opened = nullptr;
  std::array<Runtime::Counter*, static_cast<size_t>(Refusal::count_)> refused{};
  std::array<Runtime::Counter*, static_cast<size_t>(End::count_)> ended{};
  std::array<Runtime::Counter*, HandshakeFailures.size()> handshakes{};

  void refuse(Refusal why) const { refused[static_cast<size_t>(why)]->add(); }
  void handshake(std::string_view why) const {
    const auto found = std::find(HandshakeFailures.begin(), HandshakeFailures.end() - 1, why);
    handshakes[static_cast<size_t>(found - HandshakeFailures.begin())]->add();
  }
  void end(End why) const { ended[static_cast<size_t>(why)]->add(); }
  void drop(Drop why) const { dropped[static_cast<size_t>(why)]->add(); }
};

}  // namespace Patchbay::Transport
