#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "patchbay/parser/Names.h"
#include "patchbay/parser/Uri.h"

namespace Patchbay::Parser {

/// One Via value (RFC 3261, 20.42).
struct PATCHBAY_API Via {
  std::string_view text;      ///< the value, without list comma and surrounding blanks
  std::string_view protocol;  ///< "UDP" as written
  std::string_view host;      ///< with brackets for IPv6
  std::string_view branch;    ///< empty when absent
  std::string_view received;
  std::string_view maddr;
  std::string_view parameters;  ///< without the first ';'
  uint16_t port = 0;            ///< 0: none written
  uint16_t rport = 0;           ///< the value; 0 without
  bool hasRport = false;
  std::string_view sentBy;  ///< host[:port] as written

  bool hasCookie() const;  ///< branch starts with z9hG4bK (case-insensitively, RFC 3261, 17.2.3)
  void rebase(ptrdiff_t by);
};

/// A name-addr or addr-spec with its header parameters: From, To, Contact, Route, Record-Route, Path, Refer-To (RFC 3261, 20.10).
struct PATCHBAY_API Address {
  std::string_view text;         ///< the whole value
  std::string_view displayName;  ///< quotes included
  std::string_view uriText;
  std::string_view parameters;  ///< header parameters without the first ';'
  std::string_view tag;         ///< of From and To; empty when absent
  Uri uri;
  bool isStar = false;  ///< Contact: *
  bool bracketed = false;

  /// The value of a header parameter; none when absent.
  std::optional<std::string_view> parameter(std::string_view name) const;
  void rebase(ptrdiff_t by);
};

struct PATCHBAY_API CSeq {
  uint32_t number = 0;
  Method method = Method::other;
  std::string_view methodText;
  void rebase(ptrdiff_t by);
};

/// Parsers of one value each; none when the grammar forbids it. Folded lines are blanks. Nothing is allocated.
PATCHBAY_API std::optional<Via> parseVia(std::string_view value);
PATCHBAY_API std::optional<Address> parseAddress(std::string_view value);
PATCHBAY_API std::optional<CSeq> parseCSeq(std::string_view value);
/// Digits only (blanks around allowed), at most `most`.
PATCHBAY_API std::optional<uint32_t> parseNumber(std::string_view value, uint32_t most = 0xffffffffu);
/// q value in thousandths: 0 to 1000.
PATCHBAY_API std::optional<uint16_t> parseQ(std::string_view value);

/// Cuts a header value at its top-level commas, never inside quotes or angle brackets (RFC 3261, 7.3.1).
class PATCHBAY_API ListValues {
 public:
  explicit ListValues(std::string_view value) : _rest(value) {}
  /// Trimmed; none at the end or when quotes or brackets do not close (broken()) or a value is empty (broken()).
  std::optional<std::string_view> next();
  bool broken() const { return _broken; }

 private:
  std::string_view _rest;
  bool _started = false, _broken = false;
};

}  // namespace Patchbay::Parser
