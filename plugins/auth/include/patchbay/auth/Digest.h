#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "patchbay/log/Api.h"

namespace Patchbay::Auth {

/// Of RFC 8760, from weak to strong.
enum class Algorithm : uint8_t { md5, sha256, sha512t256 };
constexpr size_t AlgorithmCount = 3;
/// "MD5", "SHA-256", "SHA-512-256".
PATCHBAY_API std::string_view nameOf(Algorithm algorithm);
/// Without regard to case; none for what we do not know (the -sess variants among them).
PATCHBAY_API std::optional<Algorithm> algorithmOf(std::string_view name);

/// A digest as lower-case hex text: 32 or 64 digits.
struct HexDigest {
  std::array<char, 64> digits;
  uint8_t length = 0;
  std::string_view text() const { return {digits.data(), length}; }
};
/// The digest of such text; none when it is none of that algorithm. Digits of either case.
PATCHBAY_API std::optional<HexDigest> hexDigestOf(Algorithm algorithm, std::string_view text);

/// One digest on its way. Uses a context of its thread, so only one at a time may be under way in a thread; nothing is allocated or fetched
/// after the first one.
class PATCHBAY_API Digest {
 public:
  explicit Digest(Algorithm algorithm);
  Digest& add(std::string_view octets);
  HexDigest finish();

 private:
  void* _context;
};

/// H(user:realm:password): what is kept in place of a password (RFC 7616, 3.4.2).
PATCHBAY_API HexDigest ha1Of(Algorithm algorithm, std::string_view user, std::string_view realm, std::string_view password);

/// Takes the same time wherever the first difference is; only the length shows.
PATCHBAY_API bool equalInConstantTime(std::string_view a, std::string_view b);

}  // namespace Patchbay::Auth
