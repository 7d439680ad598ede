#pragma once

#include "patchbay/runtime/Endpoint.h"

namespace Patchbay::Pipeline {

/// An address with the number of its leading bits that count: 10.0.0.0/8.
struct Network {
  Runtime::IpAddress address;
  uint8_t bits = 0;

  /// An address alone is a network of all its bits; bits behind the prefix must be zero.
  static std::optional<Network> parse(std::string_view text);
  bool contains(const Runtime::IpAddress& other) const;
  std::string toString() const { return address.toString() + "/" + std::to_string(bits); }
};

}  // namespace Patchbay::Pipeline
