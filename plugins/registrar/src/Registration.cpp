#include "Registration.h"

#include <algorithm>
#include <charconv>

#include "ContactRules.h"

namespace Patchbay::Registrar {

namespace {

using Parser::HeaderId;

constexpr std::string_view PathTag = "path";

/// Calls `each(tag)` for every option tag in the headers of that id.
template <class Each>
void forEachTag(const Parser::Message& message, HeaderId id, Each each) {
  for (const auto* header = message.first(id); header; header = message.next(*header)) {
    Parser::ListValues tags(message.text(header->value));
    while (const auto tag = tags.next()) each(*tag);
  }
}

bool lists(const Parser::Message& message, HeaderId id, std::string_view wanted) {
  bool found = false;
  forEachTag(message, id, [&](std::string_view tag) { found |= Parser::equalIgnoringCase(tag, wanted); });
  return found;
}

std::string_view unquoted(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  return text;
}

/// As much as is kept; never half a character.
std::string_view shortened(std::string_view text) {
  if (text.size() <= LongestUserAgent) return text;
  text = text.substr(0, LongestUserAgent);
  while (!text.empty() && static_cast<unsigned char>(text.back()) >= 0x80) text.remove_suffix(1);
  return text;
}

/// methods="INVITE,ACK" as bits.
uint32_t methodsOf(std::string_view text) {
  uint32_t methods = 0;
  Parser::ListValues names(unquoted(text));
  while (const auto name = names.next()) methods |= 1u << static_cast<unsigned>(Parser::methodOf(*name));
  return methods & ~1u;  // what we do not know
}

}  // namespace

char* writeKey(const Core::Service& core, const Parser::Uri& uri, char* out) {
  Core::DomainName room;
  const auto domain = core.mainDomain(uri.host, room);
  if (domain.data() == uri.host.data()) return Parser::writeAddressOfRecord(uri, out);
  Parser::Uri main = uri;
  main.host = domain;
  return main.user.size() + domain.size() < LongestAor ? Parser::writeAddressOfRecord(main, out) : nullptr;
}

std::optional<uint64_t> connectionIn(std::string_view received) {
  const size_t at = received.find(ConnectionParameter);
  if (at == std::string_view::npos) return {};
  const auto digits = received.substr(at + ConnectionParameter.size());
  uint64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
  return number;
}

Refusal Registration::read(Parser::Message& message, const Transport::Flow& flow) {
  _items.clear();
  _path.clear();
  _unsupported.clear();
  _star = false;
  if (const auto refusal = readTarget(message)) return refusal;
  if (const auto refusal = readRequired(message)) return refusal;
  if (const auto refusal = readPath(message, flow)) return refusal;
  _sourceLength = 0;
  if (_policy.useSource || Transport::isReliable(flow.protocol())) writeSource(flow);
  return readContacts(message, flow);
}

Refusal Registration::readTarget(Parser::Message& message) {
  const auto* to = message.to();
  const auto* cseq = message.cseq();
  if (to == nullptr || cseq == nullptr || message.callId().empty()) return {400, "To, CSeq or Call-ID Missing"};
  if (message.callId().size() > LongestCallId) return {400, "Call-ID Too Long"};
  if (!to->uri.isSip()) return {400, "To Is No SIP URI"};
  if (to->uri.user.empty()) return {404, "No User in To"};
  if (!_core.isDomain(to->uri.host)) return {404, "Not Our Domain"};
  if (to->uri.user.size() + to->uri.host.size() + 1 > LongestAor) return {400, "Address Too Long"};
  const char* end = writeKey(_core, to->uri, _aor);
  if (end == nullptr) return {400, "Broken Escape in To"};
  if (end > _aor + LongestAor) return {400, "Address Too Long"};
  _aorLength = static_cast<size_t>(end - _aor);
  _callId = message.callId();
  _cseq = cseq->number;
  _userAgent = shortened(message.value(HeaderId::userAgent));
  return {};
}

/// RFC 3261, 10.3 step 2.
Refusal Registration::readRequired(Parser::Message& message) {
  if (!message.has(HeaderId::require)) return {};
  forEachTag(message, HeaderId::require, [&](std::string_view tag) {
    if (!Parser::equalIgnoringCase(tag, PathTag) && Parser::isToken(tag)) append(_unsupported, tag);
  });
  return _unsupported.empty() ? Refusal() : Refusal{420};
}

/// RFC 3327, 5.3: a client that did not say that it understands Path would not know why it gets no calls.
Refusal Registration::readPath(Parser::Message& message, const Transport::Flow& flow) {
  if (!message.has(HeaderId::path)) return {};
  if (!lists(message, HeaderId::supported, PathTag) && !lists(message, HeaderId::require, PathTag)) {
    append(_unsupported, PathTag);
    return {420};
  }
  for (const auto* header = message.first(HeaderId::path); header; header = message.next(*header)) {
    Parser::ListValues values(message.text(header->value));
    while (const auto value = values.next()) {
      const auto address = Parser::parseAddress(*value);
      if (!address || address->isStar || !address->uri.isSip() || !Parser::isHeaderSafe(*value)) return {400, "Bad Path"};
      // the first one is where we send to; what stands behind it may be known to that proxy only
      if (_path.empty() && !ContactRules{_policy, _core}.isPath(address->uri, flow.peer.address)) return {403, "Path Not Allowed"};
      append(_path, *value);
    }
    if (values.broken() || _path.size() > LongestPath) return {400, "Bad Path"};
  }
  return {};
}

Refusal Registration::readContacts(Parser::Message& message, const Transport::Flow& flow) {
  for (const auto* header = message.first(HeaderId::contact); header; header = message.next(*header))
    if (const auto refusal = readList(message, message.text(header->value), flow)) return refusal;
  return _star ? checkStar(message) : Refusal();
}

Refusal Registration::readList(Parser::Message& message, std::string_view value, const Transport::Flow& flow) {
  Parser::ListValues values(value);
  bool any = false;
  while (const auto one = values.next()) {
    any = true;
    if (_items.size() == MostItems) return {400, "Too Many Contacts in One Request"};
    if (const auto refusal = readContact(message, *one, flow)) return refusal;
  }
  return values.broken() || !any ? Refusal{400, "Bad Contact"} : Refusal();
}

/// RFC 3261, 10.3 step 6.
Refusal Registration::checkStar(Parser::Message& message) const {
  if (!_items.empty()) return {400, "Contact * Stands Not Alone"};
  if (!message.has(HeaderId::expires) || message.expires() != 0u) return {400, "Contact * Without Expires: 0"};
  return {};
}

Refusal Registration::readContact(Parser::Message& message, std::string_view value, const Transport::Flow& flow) {
  const auto address = Parser::parseAddress(value);
  if (!address) return {400, "Bad Contact"};
  if (address->isStar) {
    if (_star) return {400, "Contact * Stands Not Alone"};
    _star = true;
    return {};
  }
  Item item{*address};
  if (const auto refusal = readParameters(message, item)) return refusal;
  if (item.expires != 0) {
    if (item.address.uriText.size() > LongestContact || item.instance.size() > LongestInstance) return {400, "Contact Too Long"};
    const ContactRules rules{_policy, _core};
    item.behindNat = _policy.useSource && rules.isElsewhere(item.address.uri, flow.peer);
    if (const auto refusal = rules.judge(item.address.uri, flow.peer.address, item.behindNat)) return refusal;
    item.byConnection = Transport::isReliable(flow.protocol()) && _path.empty() && (item.behindNat || rules.isOf(item.address.uri, flow));
  }
  _items.push_back(item);
  return {};
}

Refusal Registration::readParameters(Parser::Message& message, Item& item) const {
  Parser::ParameterList parameters(item.address.parameters);
  std::optional<std::string_view> expires;
  while (const auto parameter = parameters.next()) {
    const auto is = [&](std::string_view name) { return Parser::equalIgnoringCase(parameter->name, name); };
    if (is("q")) {
      const auto q = Parser::parseQ(parameter->value);
      if (!q) return {400, "Bad q of Contact"};
      item.q = *q;
    } else if (is("expires")) {
      expires = parameter->value;
    } else if (is("+sip.instance")) {
      if (Parser::isHeaderSafe(parameter->value)) item.instance = unquoted(parameter->value);
    } else if (is("reg-id")) {
      item.regId = Parser::parseNumber(parameter->value).value_or(0);
    } else if (is("methods")) {
      item.methods = methodsOf(parameter->value);
    }
  }
  if (parameters.broken()) return {400, "Bad Contact"};
  // what is no number counts as one hour, or what stands for it here (RFC 3261, 10.2.1.1)
  item.expires = _policy.defaultExpires;
  if (expires)
    item.expires = Parser::parseNumber(*expires).value_or(_policy.defaultExpires);
  else if (message.has(HeaderId::expires))
    item.expires = message.expires().value_or(_policy.defaultExpires);
  if (item.expires != 0 && item.expires < _policy.minExpires) return {423};
  item.expires = std::min(item.expires, _policy.maxExpires);
  return {};
}

void Registration::writeSource(const Transport::Flow& flow) {
  Parser::Writer out(_source, sizeof _source);
  char address[48];
  out.raw("sip:").raw({address, static_cast<size_t>(flow.peer.address.write(address, true) - address)});
  out.raw(":").number(flow.peer.port);
  if (Transport::isReliable(flow.protocol()))
    out.raw(";transport=").raw(Transport::nameOf(flow.protocol())).raw(ConnectionParameter).hex(flow.connection);
  _sourceLength = out.size();
}

void Registration::append(std::vector<char>& list, std::string_view text) {
  constexpr std::string_view Comma = ", ";
  if (!list.empty()) list.insert(list.end(), Comma.begin(), Comma.end());
  list.insert(list.end(), text.begin(), text.end());
}

}  // namespace Patchbay::Registrar
