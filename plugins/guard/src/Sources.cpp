#include "Sources.h"

#include <algorithm>
#include <tuple>

namespace Patchbay::Guard {

Sources::Sources(size_t most, const Runtime::TableHash::Key& key) : _key(key), _sets(std::max<size_t>(1, most / Ways)) {}

Sources::Source& Sources::find(uint64_t key, uint32_t now) {
  auto& set = _sets[key % _sets.size()];
  for (Source& source : set)
    if (source.key == key && source.since != 0) return source;
  const auto worth = [now](const Source& source) { return std::make_tuple(source.isGood(now), source.points != 0, source.since); };
  Source& place = *std::ranges::min_element(set, {}, worth);
  place = Source{};
  place.key = key;
  place.since = now;
  return place;
}

void Sources::count(Source& source, uint32_t now, uint32_t window) {
  if (now - source.since >= window) {
    source.since = now;
    source.requests = 0;
  }
  ++source.requests;
}

Sources::Source& Sources::request(const Runtime::IpAddress& source, uint32_t now, uint32_t window) {
  Source& found = find(Runtime::TableHash(_key).part(source.octets()).finish64(), now);
  count(found, now, window);
  return found;
}

Sources::Source& Sources::suspect(const Runtime::IpAddress& source, uint32_t points, uint32_t now, uint32_t window) {
  Source& found = find(Runtime::TableHash(_key).part(source.octets()).finish64(), now);
  if (found.points == 0 || now - found.suspectSince >= window) {
    found.suspectSince = now;
    found.points = 0;
  }
  found.points += points;
  return found;
}

void Sources::prove(const Runtime::IpAddress& source, uint32_t now, uint32_t until) {
  Source& found = find(Runtime::TableHash(_key).part(source.octets()).finish64(), now);
  found.points = 0;
  found.goodUntil = std::max(found.goodUntil, until);
}

Sources::Source& Sources::prefix(const Runtime::IpAddress& source, uint32_t now, uint32_t window) {
  const auto network = source.octets().substr(0, source.isV6() ? 6 : 3);
  Source& found = find(Runtime::TableHash(_key).add(uint64_t{1}).part(network).finish64(), now);
  count(found, now, window);
  return found;
}

}  // namespace Patchbay::Guard
