#include "patchbay/parser/Message.h"

#include <algorithm>

#include "Chars.h"
#include "Into.h"
#include "MessageScan.h"
#include "Validation.h"

namespace Patchbay::Parser {

namespace {

/// What is kept of a lazy field, parsed now when nobody asked before.
template <class Lazy>
auto* asked(Lazy& lazy, bool present, std::string_view text) {
  using State = typename Lazy::State;
  if (lazy.state == State::unasked) {
    lazy.value = {};
    lazy.state = present && parseInto(text, lazy.value) ? State::good : State::bad;
  }
  return lazy.state == State::good ? &lazy.value : nullptr;
}

template <class Lazy>
void rebase(Lazy& lazy, ptrdiff_t by) {
  if (lazy.state == Lazy::State::good) lazy.value.rebase(by);
}

}  // namespace

Message::Message() {
  _headers = _inline.data();
}

Message::~Message() = default;

Fault Message::parse(std::string_view octets, const Limits& limits) {
  clear(octets, limits);
  MessageScan(*this, limits).run();
  return _fault;
}

void Message::clear(std::string_view octets, const Limits& limits) {
  _base = octets.data() ? octets.data() : "";
  _length = static_cast<uint32_t>(std::min<size_t>(octets.size(), 0x7fffffff));
  _present = _repeated = 0;
  _viaLimit = limits.vias;
  _method = _requestUri = _reason = {};
  _startLine = _headersBegin = _headersEnd = _bodyBegin = _bodyLength = 0;
  _status = 0;
  _isRequest = _validated = false;
  _methodId = Method::other;
  _fault = {};
  _headers = _inline.data();
  _headerCount = 0;
  _uri.state = Lazy<Uri>::State::unasked;
  _via.state = Lazy<Via>::State::unasked;
  _from.state = _to.state = _route.state = Lazy<Address>::State::unasked;
  _cseq.state = Lazy<CSeq>::State::unasked;
}

void Message::addHeader(const Header& header) {
  const uint64_t bit = uint64_t{1} << static_cast<unsigned>(header.id);
  if (_present & bit) {
    _repeated |= bit;
  } else {
    _present |= bit;
    _firsts[static_cast<size_t>(header.id)] = static_cast<uint32_t>(_headerCount);
  }
  if (_headerCount < InlineHeaders) {
    _inline[_headerCount++] = header;
    return;
  }
  if (_headerCount == InlineHeaders) _many.assign(_inline.begin(), _inline.end());
  _many.push_back(header);
  _headers = _many.data();
  ++_headerCount;
}

void Message::moveTo(const char* base) {
  const ptrdiff_t by = base - _base;
  _base = base;
  rebase(_uri, by);
  rebase(_via, by);
  rebase(_from, by);
  rebase(_to, by);
  rebase(_route, by);
  rebase(_cseq, by);
}

Fault Message::validate() {
  if (_validated || _fault) return _fault;
  _validated = true;
  _fault = Validation(*this).run();
  return _fault;
}

Method Message::method() {
  if (_isRequest) return _methodId;
  const CSeq* found = cseq();
  return found ? found->method : Method::other;
}

std::string_view Message::methodText() {
  if (_isRequest) return text(_method);
  const CSeq* found = cseq();
  return found ? found->methodText : std::string_view{};
}

const Uri* Message::requestUri() {
  return asked(_uri, _requestUri.length != 0, requestUriText());
}

const Header* Message::first(HeaderId id) const {
  return has(id) ? _headers + _firsts[static_cast<size_t>(id)] : nullptr;
}

const Header* Message::next(const Header& header) const {
  if (!((_repeated >> static_cast<unsigned>(header.id)) & 1u)) return nullptr;
  const Header* const end = _headers + _headerCount;
  const Header* at = std::find_if(&header + 1, end, [&header](const Header& other) { return other.id == header.id; });
  return at == end ? nullptr : at;
}

const Header* Message::find(std::string_view name, const Header* after) const {
  const HeaderId id = headerOf(name);
  if (id != HeaderId::other) return after ? next(*after) : first(id);
  const std::string_view alias = otherFormOf(name);
  const Header* at = after ? after + 1 : _headers;
  for (const Header* const end = _headers + _headerCount; at != end; ++at) {
    if (at->id != HeaderId::other) continue;
    const std::string_view found = text(at->name);
    if (equalIgnoringCase(found, name) || (!alias.empty() && equalIgnoringCase(found, alias))) return at;
  }
  return nullptr;
}

std::string_view Message::value(HeaderId id) const {
  const Header* header = first(id);
  return header ? text(header->value) : std::string_view{};
}

const Via* Message::topVia() {
  if (_via.state != Lazy<Via>::State::unasked) return asked(_via, true, {});
  const auto top = ListValues(value(HeaderId::via)).next();
  return asked(_via, top.has_value(), top.value_or(std::string_view{}));
}

const Address* Message::topRoute() {
  if (_route.state != Lazy<Address>::State::unasked) return asked(_route, true, {});
  const auto top = ListValues(value(HeaderId::route)).next();
  return asked(_route, top.has_value(), top.value_or(std::string_view{}));
}

const Address* Message::from() {
  return asked(_from, has(HeaderId::from), value(HeaderId::from));
}

const Address* Message::to() {
  return asked(_to, has(HeaderId::to), value(HeaderId::to));
}

const CSeq* Message::cseq() {
  return asked(_cseq, has(HeaderId::cseq), value(HeaderId::cseq));
}

std::optional<uint32_t> Message::maxForwards() {
  return parseNumber(value(HeaderId::maxForwards), 255);
}

std::optional<uint32_t> Message::expires() {
  return parseNumber(value(HeaderId::expires));
}

Slice Message::topViaCut() {
  const Header* header = first(HeaderId::via);
  if (!header) return {};
  ListValues list(text(header->value));
  const auto top = list.next();
  const auto second = list.next();
  if (!top || !second) return header->line;
  return {header->value.begin, static_cast<uint32_t>(second->data() - _base) - header->value.begin};
}

std::optional<Via> Message::secondVia() {
  const Header* header = first(HeaderId::via);
  if (!header) return std::nullopt;
  ListValues list(text(header->value));
  list.next();
  if (const auto second = list.next()) return parseVia(*second);
  if (list.broken() || !(header = next(*header))) return std::nullopt;
  const auto second = ListValues(text(header->value)).next();
  return second ? parseVia(*second) : std::nullopt;
}

}  // namespace Patchbay::Parser
