#include "Signature.h"

#include <algorithm>
#include <cstring>

namespace Patchbay::Rr {

namespace {

constexpr char Alphabet[] = "0123456789abcdefghijklmnopqrstuv";
constexpr std::chrono::minutes Ahead{10};

int digitOf(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = static_cast<char>(c | 0x20);
  return c >= 'a' && c <= 'v' ? c - 'a' + 10 : -1;
}

char* writeDigits(uint64_t number, size_t count, char* out) {
  for (size_t i = count; i-- > 0; number >>= 5) out[i] = Alphabet[number & 31];
  return out + count;
}

std::optional<uint64_t> readDigits(std::string_view text) {
  uint64_t number = 0;
  int bad = 0;
  for (const char c : text) {
    const int digit = digitOf(c);
    bad |= digit;
    number = number << 5 | static_cast<uint64_t>(digit & 31);
  }
  return bad < 0 ? std::nullopt : std::optional(number);
}

uint64_t minutesOf(Runtime::WallTime time) {
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::minutes>(time.time_since_epoch()).count());
}

}  // namespace

bool Signature::isClass(std::string_view text) {
  return text.size() <= LongestClass && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
         });
}

std::pair<uint64_t, uint64_t> Signature::codeOf(const Dialog& dialog, uint64_t minutes) const {
  Runtime::SipHash hash(_key, Runtime::SipHash::Width::bits128);
  hash.add(uint64_t{0x7272'0001}).add(minutes);
  return hash.part(dialog.callId).part(dialog.tag).part(dialog.dialogClass).finish128();
}

char* Signature::write(const Dialog& dialog, Runtime::WallTime now, char* out) const {
  const uint64_t minutes = minutesOf(now);
  const auto [high, low] = codeOf(dialog, minutes);
  out = writeDigits(minutes, TimeLength, out);
  out = writeDigits(high, CodeLength / 2, out);
  out = writeDigits(low, CodeLength / 2, out);
  if (dialog.dialogClass.empty()) return out;
  *out++ = '.';
  std::memcpy(out, dialog.dialogClass.data(), dialog.dialogClass.size());
  return out + dialog.dialogClass.size();
}

std::optional<Signature::Parts> Signature::read(std::string_view value) {
  constexpr size_t Fixed = TimeLength + CodeLength;
  if (value.size() < Fixed || value.size() > MostOctets) return std::nullopt;
  const auto minutes = readDigits(value.substr(0, TimeLength));
  const auto high = readDigits(value.substr(TimeLength, CodeLength / 2));
  const auto low = readDigits(value.substr(TimeLength + CodeLength / 2, CodeLength / 2));
  if (!minutes || !high || !low) return std::nullopt;
  Parts parts{*minutes, *high, *low, {}};
  if (value.size() == Fixed) return parts;
  if (value[Fixed] != '.' || value.size() == Fixed + 1) return std::nullopt;
  parts.dialogClass = value.substr(Fixed + 1);
  return parts;
}

bool Signature::isCurrent(const Parts& parts, Runtime::WallTime now, std::chrono::minutes lifetime) {
  const uint64_t minutes = minutesOf(now);
  return parts.minutes <= minutes + static_cast<uint64_t>(Ahead.count()) &&
         minutes <= parts.minutes + static_cast<uint64_t>(lifetime.count());
}

bool Signature::proves(const Parts& parts, std::string_view callId, std::string_view tag) const {
  const auto [high, low] = codeOf({callId, tag, parts.dialogClass}, parts.minutes);
  const uint64_t difference = (high ^ parts.high) | (low ^ parts.low);
  return difference == 0;
}

}  // namespace Patchbay::Rr
