#include "patchbay/auth/Digest.h"

#include <memory>

#include <Poco/Exception.h>
#include <openssl/evp.h>

#include "patchbay/parser/Names.h"

namespace Patchbay::Auth {

namespace {

constexpr std::array<std::string_view, AlgorithmCount> Names{"MD5", "SHA-256", "SHA-512-256"};
constexpr std::array<const char*, AlgorithmCount> OpenSslNames{"MD5", "SHA2-256", "SHA2-512/256"};
constexpr std::array<uint8_t, AlgorithmCount> Octets{16, 32, 32};

struct FreeMethod {
  void operator()(EVP_MD* method) const { EVP_MD_free(method); }
};
struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Method = std::unique_ptr<EVP_MD, FreeMethod>;
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

/// Fetched once: a fetch costs more than a digest.
const EVP_MD* methodOf(Algorithm algorithm) {
  static const std::array<Method, AlgorithmCount> methods = [] {
    std::array<Method, AlgorithmCount> all;
    for (size_t i = 0; i < all.size(); ++i) all[i].reset(EVP_MD_fetch(nullptr, OpenSslNames[i], nullptr));
    return all;
  }();
  const EVP_MD* method = methods[static_cast<size_t>(algorithm)].get();
  if (!method) throw Poco::NotFoundException("OpenSSL gives no " + std::string(nameOf(algorithm)));
  return method;
}

/// One a thread and algorithm, so that starting anew allocates nothing.
EVP_MD_CTX* contextOf(Algorithm algorithm) {
  static thread_local std::array<Context, AlgorithmCount> contexts;
  Context& context = contexts[static_cast<size_t>(algorithm)];
  if (!context) context.reset(EVP_MD_CTX_new());
  return context.get();
}

}  // namespace

std::string_view nameOf(Algorithm algorithm) {
  return Names[static_cast<size_t>(algorithm)];
}

std::optional<Algorithm> algorithmOf(std::string_view name) {
  for (size_t i = 0; i < Names.size(); ++i)
    if (Parser::equalIgnoringCase(Names[i], name)) return static_cast<Algorithm>(i);
  return {};
}

std::optional<HexDigest> hexDigestOf(Algorithm algorithm, std::string_view text) {
  if (text.size() != 2u * Octets[static_cast<size_t>(algorithm)]) return {};
  HexDigest digest;
  for (char c : text) {
    if (c >= 'A' && c <= 'F') c = static_cast<char>(c | 0x20);
    if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return {};
    digest.digits[digest.length++] = c;
  }
  return digest;
}

Digest::Digest(Algorithm algorithm) : _context(contextOf(algorithm)) {
  EVP_DigestInit_ex2(static_cast<EVP_MD_CTX*>(_context), methodOf(algorithm), nullptr);
}

Digest& Digest::add(std::string_view octets) {
  EVP_DigestUpdate(static_cast<EVP_MD_CTX*>(_context), octets.data(), octets.size());
  return *this;
}

HexDigest Digest::finish() {
  static constexpr char Digits[] = "0123456789abcdef";
  std::array<unsigned char, EVP_MAX_MD_SIZE> octets;
  unsigned count = 0;
  EVP_DigestFinal_ex(static_cast<EVP_MD_CTX*>(_context), octets.data(), &count);
  HexDigest digest;
  for (unsigned i = 0; i < count && digest.length < digest.digits.size(); ++i) {
    digest.digits[digest.length++] = Digits[octets[i] >> 4];
    digest.digits[digest.length++] = Digits[octets[i] & 15];
  }
  return digest;
}

HexDigest ha1Of(Algorithm algorithm, std::string_view user, std::string_view realm, std::string_view password) {
  return Digest(algorithm).add(user).add(":").add(realm).add(":").add(password).finish();
}

bool equalInConstantTime(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (size_t i = 0; i < a.size(); ++i) difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
  return difference == 0;
}

}  // namespace Patchbay::Auth
