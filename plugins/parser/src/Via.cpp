#include "Host.h"
#include "Into.h"

namespace Patchbay::Parser {

namespace {

/// `SIP/2.0/UDP`, with blanks wherever they like.
bool takeProtocol(Cursor& cursor, Via& via) {
  const std::string_view name = cursor.run(Chars::Token);
  cursor.blanks();
  if (!equalIgnoringCase(name, "SIP") || !cursor.take('/')) return false;
  cursor.blanks();
  const std::string_view version = cursor.run(Chars::Token);
  cursor.blanks();
  if (version.empty() || !cursor.take('/')) return false;
  cursor.blanks();
  via.protocol = cursor.run(Chars::Token);
  return !via.protocol.empty() && cursor.blanks();
}

bool takeSentBy(Cursor& cursor, Via& via) {
  via.host = takeHost(cursor);
  if (via.host.empty()) return false;
  const char* end = cursor.at;
  cursor.blanks();
  if (cursor.take(':')) {
    cursor.blanks();
    if (!(via.port = takePort(cursor))) return false;
    end = cursor.at;
    cursor.blanks();
  }
  via.sentBy = {via.host.data(), static_cast<size_t>(end - via.host.data())};
  return true;
}

bool setOnce(std::string_view& target, std::string_view value, bool good) {
  if (target.data() || !good) return false;
  target = value;
  return true;
}

/// An address of the peer: IPv6 with brackets or without (RFC 5118, 4.5).
bool isReceived(std::string_view value) {
  return isHost(value) || parseIpv6(value);
}

bool setRport(Via& via, const ParameterList::Parameter& parameter) {
  if (via.hasRport) return false;
  via.hasRport = true;
  if (!parameter.hasValue) return true;
  via.rport = static_cast<uint16_t>(parseNumber(parameter.value, 65535).value_or(0));
  return via.rport != 0;
}

bool take(Via& via, const ParameterList::Parameter& parameter) {
  const std::string_view name = parameter.name, value = parameter.value;
  const auto called = [name](std::string_view wanted) { return equalIgnoringCase(name, wanted); };
  switch (name.size()) {
    case 3:
      return !called("ttl") || parseNumber(value, 255);
    case 5:
      if (called("rport")) return setRport(via, parameter);
      return !called("maddr") || setOnce(via.maddr, value, isHost(value));
    case 6:
      return !called("branch") || setOnce(via.branch, value, isToken(value));
    case 8:
      return !called("received") || setOnce(via.received, value, isReceived(value));
    default:
      return !parameter.hasValue || !value.empty();
  }
}

bool takeParameters(Cursor& cursor, Via& via) {
  via.parameters = cursor.rest();
  ParameterList list(via.parameters);
  while (const auto parameter = list.next()) {
    if (!take(via, *parameter)) return false;
  }
  return !list.broken() && !via.parameters.empty();
}

}  // namespace

bool parseInto(std::string_view value, Via& via) {
  via.text = Chars::trimmed(value);
  Cursor cursor(via.text);
  if (!takeProtocol(cursor, via) || !takeSentBy(cursor, via)) return false;
  if (cursor.done()) return true;
  return cursor.take(';') && takeParameters(cursor, via);
}

std::optional<Via> parseVia(std::string_view value) {
  std::optional<Via> result(std::in_place);
  if (!parseInto(value, *result)) result.reset();
  return result;
}

bool Via::hasCookie() const {
  return branch.starts_with("z9hG4bK") || (branch.size() >= 7 && equalIgnoringCase(branch.substr(0, 7), "z9hG4bK"));
}

void Via::rebase(ptrdiff_t by) {
  for (std::string_view* view : {&text, &protocol, &host, &branch, &received, &maddr, &parameters, &sentBy}) Chars::shift(*view, by);
}

}  // namespace Patchbay::Parser
