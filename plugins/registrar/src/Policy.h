#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "patchbay/core/Core.h"
#include "patchbay/transport/Transport.h"

namespace Patchbay::Registrar {

/// The registrar's settings; constant once configured.
struct Policy {
  using Seconds = uint32_t;
  Seconds defaultExpires = 3600;
  Seconds minExpires = 60;
  Seconds maxExpires = 86400;
  uint32_t maxContacts = 10;
  bool replaceOldest = false;                               ///< rather than refuse the contact that is one too many
  uint16_t leastPort = 1024;                                ///< of a contact
  std::vector<uint16_t> refusedPorts = {3306, 5088, 5432};  ///< of a contact that is not at a global address
  bool appendBranches = true;
  bool descTimeOrder = false;
  bool useSource = false;  ///< a contact behind NAT is reached by the address that its REGISTER came from
};

/// What a REGISTER gets instead of its 200. Static texts; 0 is no refusal.
struct Refusal {
  int code = 0;
  std::string_view reason = {};
  explicit operator bool() const { return code != 0; }
};

/// The longest address of record that is kept, "user@host" with escapes undone.
constexpr size_t LongestAor = 512;

/// The longest texts of a contact that are kept: what the columns of the table `location` hold. They also bound what the 200 to a short
/// REGISTER can be made to list.
constexpr size_t LongestContact = 512, LongestPath = 512, LongestCallId = 255, LongestInstance = 255, LongestUserAgent = 255;

}  // namespace Patchbay::Registrar
