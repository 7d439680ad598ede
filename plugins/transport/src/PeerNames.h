#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "patchbay/runtime/Guarded.h"

namespace Patchbay::Transport {

/// Names that peers have to prove, as numbers that fit into Flow::connection: those have their highest bit set, numbers of connections do
/// not.
class PeerNames {
 public:
  static constexpr uint64_t Mark = uint64_t{1} << 63;
  static bool isWay(uint64_t connection) { return connection == 0 || (connection & Mark) != 0; }

  /// 0 for what is no name, and when there are too many.
  uint64_t wayTo(std::string_view host);
  /// Empty for 0.
  std::string nameOf(uint64_t way) const;

 private:
  static constexpr size_t Most = 65536;
  struct Names {
    std::unordered_map<std::string, uint64_t> ways;
    std::vector<std::string> names;
  };
  Runtime::Guarded<Names> _names;
};

}  // namespace Patchbay::Transport
