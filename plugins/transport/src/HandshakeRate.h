#pragma once

#include <algorithm>

#include "patchbay/runtime/Clock.h"

namespace Patchbay::Transport {

/// So many handshakes a second, a fifth of them at once: each costs as much as hundreds of messages. One worker's own.
class HandshakeRate {
 public:
  HandshakeRate(double perSecond, Runtime::Instant now)
      : _perSecond(perSecond), _most(std::max(1.0, perSecond / 5)), _left(_most), _at(now) {}
  /// Whether there is one to take.
  bool any(Runtime::Instant now) {
    _left = std::min(_most, _left + _perSecond * std::chrono::duration<double>(now - _at).count());
    _at = now;
    return _left >= 1;
  }
  void take() { _left -= 1; }

 private:
  const double _perSecond, _most;
  double _left;
  Runtime::Instant _at;
};

}  // namespace Patchbay::Transport
