#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "patchbay/log/Api.h"

namespace Patchbay::Parser {

/// A parsed URI: views into the octets it was parsed from, escapes left as they are (RFC 3261, 19.1 and 25.1). Parsing allocates nothing.
struct PATCHBAY_API Uri {
  enum class Scheme : uint8_t { sip, sips, tel, other };

  Scheme scheme = Scheme::other;
  std::string_view text;        ///< the whole
  std::string_view schemeText;  ///< as written, without colon
  std::string_view user;        ///< still escaped; for tel: the number; for other schemes all behind the colon
  std::string_view password;
  std::string_view host;        ///< an IPv6 reference keeps its brackets
  std::string_view parameters;  ///< without the first ';'
  std::string_view headers;     ///< without the '?'
  uint16_t port = 0;            ///< 0: none was written (port 0 itself is refused)
  bool hasUser = false;

  /// Strict: none for anything that the grammar does not allow in what we use (blanks, control characters, bad escapes, empty host, bad
  /// port, unbracketed IPv6). `text` must be the URI alone.
  static std::optional<Uri> parse(std::string_view text);

  bool isSip() const { return scheme == Scheme::sip || scheme == Scheme::sips; }
  /// The value of a parameter, empty when it has none; none when it is absent. Names are compared without case.
  std::optional<std::string_view> parameter(std::string_view name) const;
  /// host[:port] as written.
  std::string_view hostPort() const;
  uint16_t portOrDefault() const { return port ? port : scheme == Scheme::sips ? 5061 : 5060; }
  /// RFC 3261, 19.1.4: default port and no port differ, parameter order does not count, user/ttl/method/maddr/transport must be on both
  /// sides or none.
  bool equivalent(const Uri& other) const;
  /// Moves the views when the octets have moved.
  void rebase(ptrdiff_t by);
};

/// Appends the text with %XX decoded once. False when an escape is broken (appended then: nothing).
PATCHBAY_API bool unescape(std::string_view text, std::string& out);
/// The same into memory of at least text.size() octets; returns the end, null when broken.
PATCHBAY_API char* unescape(std::string_view text, char* out);

/// Walks `;name=value` lists (URI parameters, header parameters): values may be quoted strings or tokens.
class PATCHBAY_API ParameterList {
 public:
  struct Parameter {
    std::string_view name;
    std::string_view value;  ///< quotes included when quoted
    bool hasValue = false;
  };
  /// `text` without the first separator; `separator` is ';' or '&' or ','.
  explicit ParameterList(std::string_view text, char separator = ';') : _rest(text), _separator(separator) {}
  /// None at the end or when the text is broken; broken() then tells.
  std::optional<Parameter> next();
  bool broken() const { return _broken; }

 private:
  std::optional<Parameter> fail();
  std::string_view _rest;
  char _separator;
  bool _broken = false, _expected = false;
};

/// What registrations are kept by: user unescaped (case kept), host in lower case without a trailing dot, IPv6 as RFC 5952 has it. Writes
/// "user@host" (or "host" without user) to `out`, which has room for user + host + 2 octets; returns the end, null when an escape is broken
/// (RFC 3261, 10.3 step 5).
PATCHBAY_API char* writeAddressOfRecord(const Uri& uri, char* out);

}  // namespace Patchbay::Parser
