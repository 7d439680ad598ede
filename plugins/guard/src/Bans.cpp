#include "Bans.h"

#include <algorithm>
#include <cstring>

namespace Patchbay::Guard {

namespace {

int64_t ticksOf(Runtime::Instant time) {
  return time.time_since_epoch().count();
}

}  // namespace

const char* nameOf(Reason reason) {
  constexpr std::array<const char*, static_cast<size_t>(Reason::count_)> names{"password", "scan", "scanner",
                                                                               "flood",    "rule", "administrator"};
  return names[static_cast<size_t>(reason)];
}

Runtime::IpAddress sourceOf(const Runtime::IpAddress& address) {
  if (!address.isV6()) return address;
  in6_addr network{};
  std::memcpy(&network, address.octets().data(), 8);
  return Runtime::IpAddress::fromV6(network);
}

Bans::Bans(size_t most, const Runtime::TableHash::Key& key) : _key(key), _sets(std::max<size_t>(1, most / Ways)) {}

size_t Bans::indexOf(const Runtime::IpAddress& source) const {
  return Runtime::TableHash(_key).part(source.octets()).finish64() % _sets.size();
}

bool Bans::has(const Runtime::IpAddress& source, Runtime::Instant now) {
  if (_latest.load(std::memory_order_relaxed) <= ticksOf(now)) [[likely]]
    return false;
  const size_t index = indexOf(source);
  const std::lock_guard<std::mutex> guard(_locks[index % Locks].mutex);
  return std::ranges::any_of(_sets[index], [&](const Ban& ban) { return ban.until > now && ban.source == source; });
}

bool Bans::add(const Ban& ban, Runtime::Instant now) {
  for (int64_t latest = _latest; latest < ticksOf(ban.until) && !_latest.compare_exchange_weak(latest, ticksOf(ban.until));) {
  }
  const size_t index = indexOf(ban.source);
  const std::lock_guard<std::mutex> guard(_locks[index % Locks].mutex);
  auto& set = _sets[index];
  for (Ban& there : set) {
    if (there.until <= now || there.source != ban.source) continue;
    if (there.until < ban.until) there = ban;
    return false;
  }
  *std::ranges::min_element(set, {}, &Ban::until) = ban;
  return true;
}

bool Bans::remove(const Runtime::IpAddress& source) {
  const size_t index = indexOf(source);
  const std::lock_guard<std::mutex> guard(_locks[index % Locks].mutex);
  for (Ban& there : _sets[index]) {
    if (there.until == Runtime::Instant{} || there.source != source) continue;
    there = {};
    return true;
  }
  return false;
}

std::vector<Bans::Ban> Bans::all(Runtime::Instant now) {
  std::vector<Ban> found;
  for (size_t index = 0; index < _sets.size(); ++index) {
    const std::lock_guard<std::mutex> guard(_locks[index % Locks].mutex);
    for (const Ban& ban : _sets[index])
      if (ban.until > now) found.push_back(ban);
  }
  return found;
}

size_t Bans::count(Runtime::Instant now) {
  return _latest.load(std::memory_order_relaxed) <= ticksOf(now) ? 0 : all(now).size();
}

}  // namespace Patchbay::Guard
