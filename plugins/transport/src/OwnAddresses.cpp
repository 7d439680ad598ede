#include "OwnAddresses.h"

#include <algorithm>

namespace Patchbay::Transport {

struct OwnAddresses::Lists {
  struct Own {
    Runtime::Endpoint endpoint;
    bool reliable;
    bool has(const Runtime::Endpoint& other, const bool* wanted) const {
      return endpoint.port == other.port && (!wanted || *wanted == reliable);
    }
  };
  std::vector<Own> exact;
  std::vector<Own> wildcards;
  std::vector<Runtime::IpAddress> machine;

  void add(const Listener& listener) {
    const bool reliable = isReliable(listener.protocol);
    (listener.local.address.isWildcard() ? wildcards : exact).push_back({listener.local, reliable});
    const auto advertised = Runtime::IpAddress::parse(listener.host);
    if (advertised) exact.push_back({{*advertised, listener.port}, reliable});
  }
  bool isMachine(const Runtime::IpAddress& address) const {
    // 127.0.0.0/8 is all of it the machine's, though only 127.0.0.1 is listed; a wildcard address as a target means the machine, too
    if (address.scope() == Runtime::Scope::loopback || address.isWildcard()) return true;
    return std::find(machine.begin(), machine.end(), address) != machine.end();
  }
};

OwnAddresses::OwnAddresses() {
  set({}, {});
}
OwnAddresses::~OwnAddresses() = default;

void OwnAddresses::set(std::span<const Listener* const> listeners, const std::vector<Runtime::IpAddress>& machine) {
  auto lists = std::make_unique<Lists>();
  lists->machine = machine;
  for (const Listener* listener : listeners) lists->add(*listener);
  _lists.store(lists.get(), std::memory_order_release);
  _all.push_back(std::move(lists));
}

bool OwnAddresses::contains(const Runtime::Endpoint& endpoint, const bool* reliable) const {
  const Lists& lists = *_lists.load(std::memory_order_acquire);
  for (const auto& own : lists.exact)
    if (own.has(endpoint, reliable) && own.endpoint.address == endpoint.address) return true;
  for (const auto& own : lists.wildcards)
    if (own.has(endpoint, reliable) && own.endpoint.address.family() == endpoint.address.family()) return lists.isMachine(endpoint.address);
  return false;
}

}  // namespace Patchbay::Transport
