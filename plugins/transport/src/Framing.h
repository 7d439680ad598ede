#pragma once

#include <string>
#include <string_view>

#include "patchbay/parser/Message.h"

namespace Patchbay::Transport {

/// Where in a connection's octets messages begin and end: SIP's own framing (Framer), or WebSocket. Stands above the Codec.
///
/// `feed`, then `next` until it says `more`, then `settle`. Octets of an event are valid until the next call.
class Framing {
 public:
  enum class Kind : uint8_t {
    more,     ///< nothing whole is left
    message,  ///< one message, with nothing before or behind it
    answer,   ///< to be sent to the peer as it is: the pong to a ping, a handshake's answer
    fault,    ///< `octets` is what can be read of a message whose end is not known; nothing behind it is ever looked at
    end       ///< the peer is done, politely; nothing behind it is looked at
  };
  struct Event {
    Kind kind = Kind::more;
    std::string_view octets = {};
    Parser::Fault fault = {};
  };

  virtual ~Framing() = default;
  /// Borrows the octets until `settle`.
  virtual void feed(std::string_view octets) = 0;
  virtual Event next() = 0;
  /// Copies what is left of the octets fed.
  virtual void settle() = 0;
  /// Whether a message (or handshake) has begun that is not whole.
  virtual bool isInside() const = 0;
  /// The message as it goes on the wire, behind what is in `out`.
  virtual void write(std::string_view message, std::string& out) const = 0;
  /// What is said before our side ends; nothing for most.
  virtual void writeEnd(std::string& out) const { (void)out; }
  /// Some time has passed: what may come only so often may come again.
  virtual void forgive() {}
  /// Octets kept.
  virtual size_t held() const = 0;
};

}  // namespace Patchbay::Transport
