#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "patchbay/bundle/Plugin.h"
#include "patchbay/core/Request.h"

namespace Patchbay::Guard {

/// What counts how much, and who is spared: the settings that a reload may change. Read whole, and replaced whole.
struct Policy {
  struct Network {
    Runtime::IpAddress address;
    int mask;
  };
  std::vector<Network> friends = {};
  std::vector<std::string> scanners = {};  ///< in small letters
  bool watchOnly = false;
  uint32_t requests = 0, prefixRequests = 0, points = 0;
  uint32_t window = 300, goodFor = 3600;  ///< seconds
  Runtime::Duration banTime{}, shortTime{};

  /// Wrong values are told to the host.
  static Policy read(Bundle::Host& host);
  bool isFriend(const Runtime::IpAddress& address) const;
  bool isScanner(const Core::Request& request) const;
};

}  // namespace Patchbay::Guard
