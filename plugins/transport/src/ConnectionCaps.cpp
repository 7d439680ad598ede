#include "ConnectionCaps.h"

#include <algorithm>

namespace Patchbay::Transport {

ConnectionCaps::Source ConnectionCaps::sourceOf(const Runtime::IpAddress& address) {
  Source source{};
  source[0] = address.isV6() ? '6' : '4';
  const auto octets = address.octets();
  std::copy_n(octets.begin(), std::min<size_t>(octets.size(), 8), source.begin() + 1);
  return source;
}

std::optional<Refusal> ConnectionCaps::admit(const Runtime::IpAddress& address) {
  if (open() >= _most) return Refusal::cap;
  const bool room = _sources.with([&](auto& sources) {
    auto& count = sources[sourceOf(address)];
    if (count >= _mostPerSource) return false;
    ++count;
    return true;
  });
  if (!room) return Refusal::source;
  count();
  return std::nullopt;
}

void ConnectionCaps::release(const Runtime::IpAddress& address, bool admitted) {
  _open.fetch_sub(1, std::memory_order_relaxed);
  if (!admitted) return;
  _sources.with([&](auto& sources) {
    const auto found = sources.find(sourceOf(address));
    if (found != sources.end() && --found->second == 0) sources.erase(found);
  });
}

}  // namespace Patchbay::Transport
