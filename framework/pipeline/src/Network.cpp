#include "Network.h"

#include "patchbay/pipeline/Value.h"

namespace Patchbay::Pipeline {

namespace {

bool restIsZero(std::string_view octets, unsigned bits) {
  for (unsigned bit = bits; bit < octets.size() * 8; ++bit) {
    if (static_cast<unsigned char>(octets[bit / 8]) & (0x80U >> (bit % 8))) return false;
  }
  return true;
}

}  // namespace

std::optional<Network> Network::parse(std::string_view text) {
  const size_t slash = text.find('/');
  const auto address = Runtime::IpAddress::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  const auto all = static_cast<int64_t>(address->octets().size() * 8);
  if (slash == std::string_view::npos) return Network{*address, static_cast<uint8_t>(all)};
  const auto bits = parseInteger(text.substr(slash + 1));
  if (!bits || *bits < 0 || *bits > all || !restIsZero(address->octets(), static_cast<unsigned>(*bits))) return std::nullopt;
  return Network{*address, static_cast<uint8_t>(*bits)};
}

bool Network::contains(const Runtime::IpAddress& other) const {
  if (other.family() != address.family()) return false;
  const std::string_view mine = address.octets(), theirs = other.octets();
  const size_t whole = bits / 8;
  if (std::memcmp(mine.data(), theirs.data(), whole) != 0) return false;
  if (bits % 8 == 0) return true;
  const auto mask = static_cast<unsigned char>(0xFF << (8 - bits % 8));
  return ((mine[whole] ^ theirs[whole]) & mask) == 0;
}

}  // namespace Patchbay::Pipeline
