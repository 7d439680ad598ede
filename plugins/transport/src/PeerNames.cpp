#include "PeerNames.h"

#include <algorithm>

namespace Patchbay::Transport {

uint64_t PeerNames::wayTo(std::string_view host) {
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.empty() || host.size() > 253) return 0;
  std::string name(host);
  std::transform(name.begin(), name.end(), name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return _names.with([&](Names& known) -> uint64_t {
    const auto found = known.ways.find(name);
    if (found != known.ways.end()) return found->second;
    if (known.names.size() >= Most) return 0;
    known.names.push_back(name);
    return known.ways[name] = Mark | known.names.size();
  });
}

std::string PeerNames::nameOf(uint64_t way) const {
  const size_t number = way & ~Mark;
  return _names.with(
      [&](const Names& known) { return number == 0 || number > known.names.size() ? std::string() : known.names[number - 1]; });
}

}  // namespace Patchbay::Transport
