#include "patchbay/auth/Credentials.h"

#include <charconv>

#include "ParameterReader.h"

namespace Patchbay::Auth {

namespace {

using Reading = Credentials::Reading;

constexpr int MostParameters = 32;
constexpr size_t LongestUser = 254, LongestNonce = 255, LongestCnonce = 255;

enum class Known : uint8_t { username, realm, nonce, uri, response, cnonce, qop, nc, algorithm, userhash, extended, count_ };
constexpr std::array<std::string_view, static_cast<size_t>(Known::count_)> KnownNames{
    "username", "realm", "nonce", "uri", "response", "cnonce", "qop", "nc", "algorithm", "userhash", "username*"};

Known knownOf(std::string_view name) {
  for (size_t i = 0; i < KnownNames.size(); ++i)
    if (KnownNames[i].size() == name.size() && Parser::equalIgnoringCase(KnownNames[i], name)) return static_cast<Known>(i);
  return Known::count_;
}

/// Which must be quoted strings; the others are tokens, but clients quote them, too.
bool mustBeQuoted(Known known) {
  return known <= Known::cnonce;
}

/// LHEX; the digits of a response are compared as they are, so capital ones never match.
bool isHex(std::string_view text, bool capitals) {
  for (const char c : text)
    if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (capitals && c >= 'A' && c <= 'F'))) return false;
  return true;
}

}  // namespace

Reading Credentials::parse(std::string_view value) {
  *this = {};
  ParameterReader reader(value);
  if (!Parser::equalIgnoringCase(reader.scheme(), "Digest")) return Reading::unknown;
  bool knownAlgorithm = true;
  unsigned seen = 0;
  int left = MostParameters;
  while (const auto parameter = reader.next()) {
    if (left-- == 0) return Reading::broken;
    const Known known = knownOf(parameter->name);
    if (known == Known::count_) continue;
    const unsigned bit = 1u << static_cast<unsigned>(known);
    if ((seen & bit) != 0 || known == Known::extended || (mustBeQuoted(known) && !parameter->quoted)) return Reading::broken;
    seen |= bit;
    std::string_view* const texts[] = {&username, &realm, &nonce, &uri, &response, &cnonce, &qop, &nc};
    if (known <= Known::nc) {
      *texts[static_cast<size_t>(known)] = parameter->value;
    } else if (known == Known::userhash) {
      userHash = Parser::equalIgnoringCase(parameter->value, "true");
    } else if (const auto named = algorithmOf(parameter->value)) {
      algorithm = *named;
    } else {
      knownAlgorithm = false;
    }
  }
  return reader.broken() ? Reading::broken : check(knownAlgorithm);
}

Reading Credentials::check(bool knownAlgorithm) {
  if (!knownAlgorithm) return Reading::unknown;
  if (username.empty() || realm.empty() || nonce.empty() || uri.empty() || userHash) return Reading::broken;
  if (username.size() > LongestUser || nonce.size() > LongestNonce || cnonce.size() > LongestCnonce) return Reading::broken;
  if (username.find('\\') != username.npos) return Reading::broken;
  const size_t digits = algorithm == Algorithm::md5 ? 32 : 64;
  if (response.size() != digits || !isHex(response, false)) return Reading::broken;
  if (qop.empty()) return nc.empty() ? Reading::sound : Reading::broken;
  if (!Parser::equalIgnoringCase(qop, "auth") || cnonce.empty() || nc.size() != 8 || !isHex(nc, true)) return Reading::broken;
  std::from_chars(nc.data(), nc.data() + nc.size(), count, 16);
  return count == 0 ? Reading::broken : Reading::sound;
}

void Credentials::rebase(ptrdiff_t by) {
  for (auto* view : {&username, &realm, &nonce, &uri, &response, &cnonce, &qop, &nc})
    if (!view->empty()) *view = {view->data() + by, view->size()};
}

HexDigest responseOf(const Credentials& credentials, std::string_view method, std::string_view ha1) {
  const HexDigest ha2 = Digest(credentials.algorithm).add(method).add(":").add(credentials.uri).finish();
  Digest digest(credentials.algorithm);
  digest.add(ha1).add(":").add(credentials.nonce).add(":");
  if (!credentials.qop.empty()) digest.add(credentials.nc).add(":").add(credentials.cnonce).add(":").add(credentials.qop).add(":");
  return digest.add(ha2.text()).finish();
}

}  // namespace Patchbay::Auth
