#include "RouteCache.h"

namespace Patchbay::Transport {

RouteCache::RouteCache(Routes& routes, Runtime::Worker& worker)
    : _routes(routes), _worker(worker), _key{worker.random().next(), worker.random().next()} {}

std::optional<Runtime::IpAddress> RouteCache::sourceFor(const Runtime::IpAddress& target) {
  Entry& entry = _entries[Runtime::SipHash::of(_key, target.octets()) % _entries.size()];
  const auto now = _worker.now();
  if (entry.target != target || entry.expires <= now)
    entry = {target, _routes.sourceFor(target).value_or(Runtime::IpAddress()), now + Lifetime};
  return entry.source.valid() ? std::optional(entry.source) : std::nullopt;
}

}  // namespace Patchbay::Transport
