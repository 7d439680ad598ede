#pragma once

#include <string>
#include <string_view>

#include "patchbay/log/Api.h"

namespace Patchbay::Transport {

/// What stands between the socket's octets and those that a Framing sees: TLS; none for plain TCP.
class Codec {
 public:
  enum class State : uint8_t {
    opening,  ///< the handshake is under way: nothing can be encoded
    open,
    ended,   ///< the peer has ended it properly
    failed,  ///< see `failure`
  };

  virtual ~Codec() = default;
  /// Our first words, behind what is in `wire`; for connections that we open.
  virtual State begin(std::string& wire) = 0;
  /// Octets of the peer; what they mean is put behind `plain`, what has to be sent to him because of them behind `wire`.
  virtual State decode(std::string_view octets, std::string& plain, std::string& wire) = 0;
  /// For the wire. Only when open.
  virtual State encode(std::string_view plain, std::string& wire) = 0;
  /// Our last words.
  virtual void end(std::string& wire) = 0;
  /// Why it failed, for metrics (a word) and people.
  virtual std::string_view failure() const = 0;
};

}  // namespace Patchbay::Transport
