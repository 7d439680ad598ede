#include "WebSocketFraming.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "HeadScan.h"
#include "HttpUpgrade.h"

namespace Patchbay::Transport {

namespace {

constexpr char FinalText = '\x81', FinalBinary = '\x82';
constexpr std::string_view NormalClosure("\x88\x02\x03\xe8", 4);

/// Text frames must hold UTF-8; what may hold anything else goes as binary (RFC 7118, 5.1).
bool isAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace

/// What wslay calls.
struct WebSocketCallbacks {
  static WebSocketFraming& of(void* user) { return *static_cast<WebSocketFraming*>(user); }

  static ssize_t receive(wslay_event_context_ptr context, uint8_t* room, size_t length, int, void* user) {
    auto& framing = of(user);
    const size_t taken = std::min(length, framing._octets.size());
    if (taken == 0) {
      wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK);
      return -1;
    }
    std::memcpy(room, framing._octets.data(), taken);
    framing._octets.remove_prefix(taken);
    framing._sinceFrame += taken;
    return static_cast<ssize_t>(taken);
  }
  static ssize_t send(wslay_event_context_ptr, const uint8_t* octets, size_t length, int, void* user) {
    of(user)._answer.append(reinterpret_cast<const char*>(octets), length);
    return static_cast<ssize_t>(length);
  }
  static void frameBegins(wslay_event_context_ptr context, const wslay_event_on_frame_recv_start_arg* frame, void* user) {
    auto& framing = of(user);
    const bool control = (frame->opcode & 8) != 0;
    if (!control) framing._fragmented = !frame->fin;
    if ((control || !frame->fin) && ++framing._frames > framing._limits.frames)
      wslay_event_queue_close(context, WSLAY_CODE_POLICY_VIOLATION, nullptr, 0);
  }
  static void frameEnds(wslay_event_context_ptr, void* user) { of(user)._sinceFrame = 0; }
  static void message(wslay_event_context_ptr, const wslay_event_on_msg_recv_arg* message, void* user) {
    of(user).received(message->opcode, {reinterpret_cast<const char*>(message->msg), message->msg_length});
  }
};

WebSocketFraming::WebSocketFraming(Origins origins, const Limits& limits) : _origins(std::move(origins)), _limits(limits) {}

WebSocketFraming::~WebSocketFraming() {
  if (_context) wslay_event_context_free(_context);
}

void WebSocketFraming::feed(std::string_view octets) {
  if (_state == State::handshake)
    _kept.append(octets);
  else
    _octets = octets;
}

void WebSocketFraming::settle() {
  _octets = {};
}

Framing::Event WebSocketFraming::next() {
  if (_state == State::handshake) return shakeHands();
  take();
  return tell();
}

Framing::Event WebSocketFraming::shakeHands() {
  const size_t end = endOfHead(std::string_view(_kept).substr(0, _limits.handshake), 0);
  if (end == std::string::npos && _kept.size() < _limits.handshake) return {};
  // what a client sends before it has our answer is no WebSocket frame
  const auto upgrade = end == _kept.size() ? HttpUpgrade::of(_kept, *_origins) : HttpUpgrade::of("", *_origins);
  _state = upgrade.accepted ? State::open : State::ending;
  _kept = std::string();
  _told = upgrade.answer;
  if (!upgrade.accepted) return {Kind::answer, _told, {}};
  static constexpr wslay_event_callbacks callbacks{
      &WebSocketCallbacks::receive,   &WebSocketCallbacks::send,   nullptr, &WebSocketCallbacks::frameBegins, nullptr,
      &WebSocketCallbacks::frameEnds, &WebSocketCallbacks::message};
  if (wslay_event_context_server_init(&_context, &callbacks, this) != 0) throw std::bad_alloc();
  wslay_event_config_set_max_recv_msg_length(_context, _limits.message);
  return {Kind::answer, _told, {}};
}

void WebSocketFraming::take() {
  if (_state != State::open) return;
  const bool broken = wslay_event_recv(_context) != 0;
  wslay_event_send(_context);
  if (broken || !wslay_event_get_read_enabled(_context) || wslay_event_get_close_sent(_context)) _state = State::ending;
}

/// In the order in which it came about, as far as that matters: answers are to the peer's frames, not to its messages.
Framing::Event WebSocketFraming::tell() {
  if (!_messages.empty()) {
    _told = std::move(_messages.front());
    _messages.pop_front();
    return {Kind::message, _told, {}};
  }
  if (!_answer.empty()) {
    _told = std::exchange(_answer, {});
    return {Kind::answer, _told, {}};
  }
  if (_state != State::ending) return {};
  _state = State::ended;
  return {Kind::end, {}, {}};
}

void WebSocketFraming::received(uint8_t opcode, std::string_view payload) {
  if (opcode != WSLAY_TEXT_FRAME && opcode != WSLAY_BINARY_FRAME) return;
  _fragmented = false;
  const bool ping = payload.find_first_not_of("\r\n") == payload.npos;
  if (!ping) {
    _messages.emplace_back(payload);
  } else if (payload == "\r\n\r\n") {  // RFC 7118, 6
    write("\r\n", _answer);
  }
}

void WebSocketFraming::write(std::string_view message, std::string& out) const {
  out.push_back(isAscii(message) ? FinalText : FinalBinary);
  const size_t length = message.size();
  const auto push = [&](size_t number, int octets) {
    for (int i = octets - 1; i >= 0; --i) out.push_back(static_cast<char>(number >> (8 * i)));
  };
  if (length < 126) {
    push(length, 1);
  } else if (length < 65536) {
    push(126, 1);
    push(length, 2);
  } else {
    push(127, 1);
    push(length, 8);
  }
  out.append(message);
}

void WebSocketFraming::writeEnd(std::string& out) const {
  if (_context && !wslay_event_get_close_sent(_context)) out.append(NormalClosure);
}

}  // namespace Patchbay::Transport
