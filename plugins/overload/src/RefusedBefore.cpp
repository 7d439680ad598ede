#include "RefusedBefore.h"

#include <algorithm>
#include <charconv>

namespace Patchbay::Overload {

namespace {

/// The tag is a keyed hash in hex digits.
uint64_t hashOf(std::string_view tag) {
  uint64_t hash = 0;
  std::from_chars(tag.data(), tag.data() + tag.size(), hash, 16);
  return hash;
}

}  // namespace

void RefusedBefore::add(std::string_view tag, Runtime::Instant now) {
  if (_places.empty()) _places.resize(Places);
  const uint64_t hash = hashOf(tag);
  _places[hash % Places] = {static_cast<uint32_t>(hash >> 32), secondOf(now)};
  _until = std::max(_until, now + Memory);
}

bool RefusedBefore::contains(std::string_view tag, Runtime::Instant now) const {
  if (_places.empty()) return false;
  const uint64_t hash = hashOf(tag);
  const Place& place = _places[hash % Places];
  return place.second != 0 && place.print == static_cast<uint32_t>(hash >> 32) && secondOf(now) - place.second < Memory.count();
}

}  // namespace Patchbay::Overload
