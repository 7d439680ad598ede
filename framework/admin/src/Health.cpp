#include "patchbay/admin/Health.h"

#include <algorithm>

namespace Patchbay::Admin {

void Health::set(std::string_view part, State state, std::string_view text) {
  _entries.with([&](auto& entries) { entries[std::string(part)] = Entry{state, std::string(text)}; });
}

bool Health::ready() const {
  return _entries.with([](const auto& entries) {
    const auto server = entries.find("server");
    if (server == entries.end() || server->second.state != State::ready) return false;
    return std::none_of(entries.begin(), entries.end(), [](const auto& entry) { return entry.second.state == State::loading; });
  });
}

std::map<std::string, Health::Entry> Health::entries() const {
  return _entries.with([](const auto& entries) { return entries; });
}

}  // namespace Patchbay::Admin
