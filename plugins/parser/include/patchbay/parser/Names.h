#pragma once

#include <cstdint>
#include <string_view>

#include "patchbay/log/Api.h"

namespace Patchbay::Parser {

enum class Method : uint8_t {
  other,
  invite,
  ack,
  cancel,
  bye,
  options,
  registration,
  message,
  subscribe,
  notify,
  refer,
  prack,
  update,
  info,
  publish
};

/// Methods are case-sensitive (RFC 3261, 7.1). One switch on the length, no table look-up by string.
PATCHBAY_API Method methodOf(std::string_view token);
PATCHBAY_API std::string_view nameOf(Method method);

/// Headers that something here has to find; all others are `other` and found by name. Compact forms (RFC 3261, 7.3.3) are the same header.
enum class HeaderId : uint8_t {
  other,
  via,
  from,
  to,
  callId,
  cseq,
  contact,
  route,
  recordRoute,
  maxForwards,
  expires,
  minExpires,
  contentLength,
  contentType,
  contentEncoding,
  authorization,
  proxyAuthorization,
  wwwAuthenticate,
  proxyAuthenticate,
  path,
  serviceRoute,
  require,
  proxyRequire,
  supported,
  unsupported,
  allow,
  event,
  userAgent,
  server,
  warning,
  retryAfter,
  referTo,
  date,
  maxBreadth,
  count_
};

/// Compares by length and case-folded octets; `name` without colon and blanks.
PATCHBAY_API HeaderId headerOf(std::string_view name);
PATCHBAY_API std::string_view nameOf(HeaderId id);
/// Of a header that is `other`: the full name of a compact form, the compact form of a full name (IANA's list), else empty.
PATCHBAY_API std::string_view otherFormOf(std::string_view name);

/// ASCII only, as SIP wants.
PATCHBAY_API bool equalIgnoringCase(std::string_view a, std::string_view b);
/// RFC 3261 token: letters, digits and -.!%*_+`'~
PATCHBAY_API bool isToken(std::string_view text);

}  // namespace Patchbay::Parser
