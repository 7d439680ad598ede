#include "Nonces.h"

#include <array>
#include <cstring>

#include "patchbay/auth/Digest.h"

namespace Patchbay::Auth {

namespace {

constexpr size_t TimeDigits = 8, Octets = 24, Signed = 13;
constexpr std::chrono::seconds Ahead{60};  // how much faster another server's clock may be
constexpr char Alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::array<int, 256> makeValues() {
  std::array<int, 256> values{};
  values.fill(-1);
  for (int i = 0; i < 64; ++i) values[static_cast<unsigned char>(Alphabet[i])] = i;
  return values;
}
constexpr auto Values = makeValues();

uint32_t secondsOf(Runtime::WallTime time) {
  return static_cast<uint32_t>(std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count());
}

char* writeTime(uint32_t time, char* out) {
  for (int shift = 28; shift >= 0; shift -= 4) *out++ = "0123456789abcdef"[time >> shift & 15];
  return out;
}

/// Small letters only: there is one way to write a nonce.
bool readTime(std::string_view text, uint32_t& time) {
  time = 0;
  for (const char c : text) {
    const bool digit = c >= '0' && c <= '9';
    if (!digit && !(c >= 'a' && c <= 'f')) return false;
    time = time << 4 | static_cast<uint32_t>(digit ? c - '0' : c - 'a' + 10);
  }
  return true;
}

char* encode(const std::array<uint8_t, Octets>& octets, char* out) {
  for (size_t i = 0; i < Octets; i += 3) {
    const uint32_t three = uint32_t{octets[i]} << 16 | uint32_t{octets[i + 1]} << 8 | octets[i + 2];
    for (int shift = 18; shift >= 0; shift -= 6) *out++ = Alphabet[three >> shift & 63];
  }
  return out;
}

bool decode(std::string_view text, std::array<uint8_t, Octets>& octets) {
  int bad = 0;
  for (size_t i = 0, at = 0; i < Octets; i += 3) {
    uint32_t three = 0;
    for (int j = 0; j < 4; ++j) {
      const int value = Values[static_cast<unsigned char>(text[at++])];
      bad |= value;
      three = three << 6 | static_cast<uint32_t>(value & 63);
    }
    octets[i] = static_cast<uint8_t>(three >> 16);
    octets[i + 1] = static_cast<uint8_t>(three >> 8);
    octets[i + 2] = static_cast<uint8_t>(three);
  }
  return bad >= 0;
}

uint64_t number(const uint8_t* octets, size_t count) {
  uint64_t value = 0;
  for (size_t i = 0; i < count; ++i) value = value << 8 | octets[i];
  return value;
}

void put(uint64_t value, size_t count, uint8_t* octets) {
  for (size_t i = count; i-- > 0; value >>= 8) octets[i] = static_cast<uint8_t>(value);
}

}  // namespace

/// Octets 0 to 2: the process; 3 to 8: randomness; 9 to 12: the client's address; the rest is the code.
struct Nonces::Parts {
  uint32_t issued = 0;
  std::array<uint8_t, Octets> octets;
  uint32_t process() const { return static_cast<uint32_t>(number(octets.data(), 3)); }
  uint64_t id() const { return number(octets.data() + 1, 8); }
  uint32_t source() const { return static_cast<uint32_t>(number(octets.data() + 9, 4)); }
  std::string_view code() const { return {reinterpret_cast<const char*>(octets.data()) + Signed, Octets - Signed}; }
};

void Nonces::sign(std::string_view realm, Parts& parts) const {
  Runtime::SipHash hash(_settings.key, Runtime::SipHash::Width::bits128);
  hash.add(uint64_t{parts.issued}).add(number(parts.octets.data(), 8)).add(number(parts.octets.data() + 8, 5));
  const auto [first, second] = hash.part(realm).finish128();
  put(first, 8, parts.octets.data() + Signed);
  put(second, Octets - Signed - 8, parts.octets.data() + Signed + 8);
}

/// Of IPv6 only the network: telephones change the rest as they like.
uint32_t Nonces::tagOf(const Runtime::IpAddress& source) const {
  if (!_settings.bindSource) return 0;
  Runtime::SipHash hash(_settings.key);
  hash.add(uint64_t{0x6e6f'6e63'6501}).part(source.octets().substr(0, source.isV6() ? 8 : 4));
  return static_cast<uint32_t>(hash.finish64());
}

char* Nonces::write(std::string_view realm, const Runtime::IpAddress& source, Runtime::WallTime now, Runtime::Random& random,
                    char* out) const {
  Parts parts;
  parts.issued = secondsOf(now);
  put(_settings.process, 3, parts.octets.data());
  put(random.next(), 6, parts.octets.data() + 3);
  put(tagOf(source), 4, parts.octets.data() + 9);
  sign(realm, parts);
  return encode(parts.octets, writeTime(parts.issued, out));
}

bool Nonces::isCurrent(uint32_t issued, Runtime::WallTime now) const {
  const int64_t age = int64_t{secondsOf(now)} - int64_t{issued};
  return age >= -Ahead.count() && age <= _settings.lifetime.count();
}

Nonces::Reading Nonces::read(std::string_view nonce, std::string_view realm, const Runtime::IpAddress& source,
                             Runtime::WallTime now) const {
  Parts parts, right;
  if (nonce.size() != Length || !readTime(nonce.substr(0, TimeDigits), parts.issued) || !decode(nonce.substr(TimeDigits), parts.octets))
    return {};
  right = parts;
  sign(realm, right);
  if (!equalInConstantTime(parts.code(), right.code())) return {};
  const bool ours = parts.process() == (_settings.process & 0xffffff) || _settings.acceptOthers;
  const bool sound = ours && isCurrent(parts.issued, now) && parts.source() == tagOf(source);
  return {sound ? Reading::State::sound : Reading::State::stale, parts.id(), parts.issued};
}

}  // namespace Patchbay::Auth
