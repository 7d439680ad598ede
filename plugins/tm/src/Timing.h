#pragma once

#include <chrono>

#include "patchbay/runtime/Clock.h"

namespace Patchbay::Tm {

/// The timers' base values (RFC 3261, 17 and table 4) and limits, from the settings.
struct Timing {
  Runtime::Duration t1 = std::chrono::milliseconds(500);
  Runtime::Duration t2 = std::chrono::seconds(4);
  Runtime::Duration t4 = std::chrono::seconds(5);
  Runtime::Duration noReply = std::chrono::seconds(32);       ///< fr_timer: B and F
  Runtime::Duration noAnswer = std::chrono::seconds(185);     ///< fr_inv_timer: C, which must be over three minutes (16.6 step 11)
  Runtime::Duration trying = std::chrono::milliseconds(200);  ///< an INVITE that has waited so long gets its 100
  bool tryingAtOnce = true;                                   ///< 100 as soon as an INVITE is relayed
  Runtime::Duration failover = std::chrono::seconds(2);       ///< silence after which the next target of a name is tried
  size_t most = 1000000;                                      ///< server transactions at once
  uint32_t mostPerTarget = 10000;                             ///< branches without a final reply to one address

  bool operator==(const Timing&) const = default;
  /// 64 T1: D, H, J, L, M.
  Runtime::Duration life() const { return 64 * t1; }
  /// How long timer E takes to reach T2: before that no 100 to other requests than INVITE (RFC 4320, 4.1).
  Runtime::Duration otherTrying() const { return t2 - t1; }
};

}  // namespace Patchbay::Tm
