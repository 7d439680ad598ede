#include "RouteWalk.h"

namespace Patchbay::Rr {

namespace {

std::string_view valueOf(const Parser::Message& message, const Parser::Header* header) {
  return header ? message.text(header->value) : std::string_view();
}

}  // namespace

RouteWalk::RouteWalk(const Parser::Message& message)
    : _message(message), _header(message.first(Parser::HeaderId::route)), _values(valueOf(message, _header)) {}

std::optional<RouteWalk::Value> RouteWalk::next() {
  while (_header) {
    if (const auto text = _values.next()) {
      const auto begin = static_cast<uint32_t>(text->data() - _message.octets().data());
      const Value value{*text, _header, begin, _previousEnd ? _previousEnd : begin};
      _previousEnd = value.end();
      return value;
    }
    _header = _message.next(*_header);
    _values = Parser::ListValues(valueOf(_message, _header));
    _previousEnd = 0;
  }
  return std::nullopt;
}

}  // namespace Patchbay::Rr
