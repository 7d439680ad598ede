#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "patchbay/runtime/Counter.h"

namespace Patchbay::Transport {

/// Why something was neither handed on nor sent.
enum class Drop : uint8_t { keepalive, source, port, address, family, own, tooLong, refused, count_ };

constexpr std::string_view nameOf(Drop drop) {
  constexpr std::array<std::string_view, static_cast<size_t>(Drop::count_)> names{"keepalive", "source", "port",     "address",
                                                                                  "family",    "own",    "too_long", "refused"};
  return names[static_cast<size_t>(drop)];
}

/// The counters of the whole transport; borrowed from the metrics registry.
struct Meters {
  Runtime::Counter* received = nullptr;
  Runtime::Counter* receivedOctets = nullptr;
  Runtime::Counter* sent = nullptr;
  Runtime::Counter* sentOctets = nullptr;
  std::array<Runtime::Counter*, static_cast<size_t>(Drop::count_)> dropped{};

  void drop(Drop why) const { dropped[static_cast<size_t>(why)]->add(); }
};

}  // namespace Patchbay::Transport
