#pragma once

#include <wslay/wslay.h>

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "Framing.h"

namespace Patchbay::Transport {

/// SIP by WebSocket, the server's side (RFC 7118): the HTTP upgrade, then a message a WebSocket message. Frames are wslay's affair.
class WebSocketFraming : public Framing {
 public:
  struct Limits {
    size_t handshake = 8192;
    size_t message = 65535;
    unsigned frames = 64;  ///< control frames, and frames that end no message: so many between two forgivings
  };
  using Origins = std::shared_ptr<const std::vector<std::string>>;
  /// `origins`: see HttpUpgrade.
  explicit WebSocketFraming(Origins origins) : WebSocketFraming(std::move(origins), Limits()) {}
  WebSocketFraming(Origins origins, const Limits& limits);
  ~WebSocketFraming() override;
  WebSocketFraming(const WebSocketFraming&) = delete;

  void feed(std::string_view octets) override;
  Event next() override;
  void settle() override;
  bool isInside() const override { return _state != State::ended && (!_kept.empty() || _sinceFrame > 0 || _fragmented); }
  void write(std::string_view message, std::string& out) const override;
  void writeEnd(std::string& out) const override;
  void forgive() override { _frames = 0; }
  size_t held() const override { return _kept.capacity(); }

 private:
  enum class State : uint8_t { handshake, open, ending, ended };
  friend struct WebSocketCallbacks;
  Event shakeHands();
  void take();
  Event tell();
  void received(uint8_t opcode, std::string_view payload);

  const Origins _origins;
  const Limits _limits;
  State _state = State::handshake;
  wslay_event_context_ptr _context = nullptr;
  std::string _kept;           ///< of the handshake
  std::string_view _octets;    ///< just fed
  std::string _answer, _told;  ///< what has to be sent; what was told of last
  std::deque<std::string> _messages;
  unsigned _frames = 0;
  size_t _sinceFrame = 0;    ///< octets of a frame that is not whole
  bool _fragmented = false;  ///< a message has begun whose last frame has not
};

}  // namespace Patchbay::Transport
