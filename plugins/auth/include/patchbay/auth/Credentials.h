#pragma once

#include <cstddef>
#include <string_view>

#include "patchbay/auth/Digest.h"

namespace Patchbay::Auth {

/// What a client says of itself in an Authorization or Proxy-Authorization header (RFC 7616, 3.4; RFC 3261, 22.4). Views into the header,
/// without quotes, otherwise as they came.
struct PATCHBAY_API Credentials {
  std::string_view username, realm, nonce, uri, response, cnonce;
  std::string_view qop;  ///< "auth", empty without
  std::string_view nc;   ///< eight hex digits, empty without qop
  uint32_t count = 0;    ///< nc as a number
  Algorithm algorithm = Algorithm::md5;
  bool userHash = false;

  /// `unknown`: another scheme than Digest, or an algorithm that we do not know: somebody else's. `broken`: a parameter is malformed,
  /// stands twice, is missing, or there are more than a header of this kind can have.
  enum class Reading : uint8_t { sound, unknown, broken };
  /// One pass over a header value, folds included; allocates nothing.
  Reading parse(std::string_view value);
  /// Moves the views when the octets have moved.
  void rebase(ptrdiff_t by);

 private:
  Reading check(bool knownAlgorithm);
};

/// H(HA1:nonce:nc:cnonce:qop:H(method:uri)), or the older form without qop (RFC 7616, 3.4.1; RFC 2617, 3.2.2.1).
PATCHBAY_API HexDigest responseOf(const Credentials& credentials, std::string_view method, std::string_view ha1);

}  // namespace Patchbay::Auth
