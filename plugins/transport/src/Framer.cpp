#include "Framer.h"

#include <charconv>

#include "HeadScan.h"

namespace Patchbay::Transport {

namespace {

constexpr std::string_view LineEnd = "\r\n";
/// What is kept between messages without being needed.
constexpr size_t SpareOctets = 2048;

/// What a method or "SIP" may begin with.
bool maybeBegins(char c) {
  constexpr std::string_view others = "-.!%*_+`'~";
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || others.find(c) != others.npos;
}

std::string_view wholeLines(std::string_view octets) {
  const size_t end = octets.rfind(LineEnd);
  return end == octets.npos ? std::string_view() : octets.substr(0, end + LineEnd.size());
}

}  // namespace

void Framer::feed(std::string_view octets) {
  if (_ended) return;
  if (_kept.empty()) {
    _octets = octets;
    _at = 0;
    return;
  }
  _kept.append(octets);
  _octets = _kept;
}

void Framer::settle() {
  const auto left = rest();
  if (left.empty() || _ended) {
    _kept.clear();
    if (_kept.capacity() > SpareOctets) _kept.shrink_to_fit();
  } else if (_octets.data() == _kept.data()) {
    _kept.erase(0, _at);
  } else {
    _kept.assign(left);
  }
  _octets = _kept;
  _at = 0;
}

Framing::Event Framer::fail(std::string_view octets, int status, const char* text) {
  _ended = true;
  return {Kind::fault, octets, {status, text}};
}

Framing::Event Framer::next() {
  Event event;
  if (_ended || (_length == 0 && skipEmptyLines(event))) return event;
  if (rest().empty()) return event;
  return _length ? body() : head();
}

/// True: there is something to say, or nothing more to do.
bool Framer::skipEmptyLines(Event& event) {
  while (!rest().empty() && rest().front() == '\r') {
    if (rest().size() < 2) return true;
    if (rest()[1] != '\n') break;
    _at += 2;
    if (++_emptyLines > _limits.emptyLines) {
      event = fail({}, 400, "nothing but empty lines");
      return true;
    }
    if (_emptyLines % 2 == 0) {  // RFC 5626, 4.4.1
      event = {Kind::answer, LineEnd, {}};
      return true;
    }
  }
  return false;
}

Framing::Event Framer::head() {
  const auto octets = rest().substr(0, _limits.head);
  if (!maybeBegins(octets.front())) return fail({}, 400, "no message");
  const size_t end = endOfHead(octets, _looked);
  if (end == octets.npos) {
    if (octets.size() == _limits.head) return fail(wholeLines(octets), 513, "headers too large");
    _looked = octets.size() < 3 ? 0 : octets.size() - 3;
    return {};
  }
  _looked = 0;
  const auto scan = HeadScan::of(octets.substr(0, end));
  if (scan.fault) return fail(octets.substr(0, end), scan.fault.status, scan.fault.text);
  if (!scan.hasLength) return fail(octets.substr(0, end), 400, "no Content-Length");
  if (scan.length > _limits.message - end) return fail(octets.substr(0, end), 513, "message too large");
  _length = end + scan.length;
  return body();
}

Framing::Event Framer::body() {
  if (rest().size() < _length) return {};
  const Event event{Kind::message, rest().substr(0, _length), {}};
  _at += _length;
  _length = 0;
  _emptyLines = 0;
  return event;
}

void Framer::write(std::string_view message, std::string& out) const {
  const size_t end = endOfHead(message, 0);
  if (end == message.npos || HeadScan::of(message.substr(0, end)).hasLength) {
    out.append(message);
    return;
  }
  char digits[20];
  const auto written = std::to_chars(digits, digits + sizeof digits, message.size() - end).ptr;
  out.append(message.substr(0, end - 2)).append("Content-Length: ").append(digits, written).append("\r\n\r\n").append(message.substr(end));
}

}  // namespace Patchbay::Transport
