#include "Policy.h"

#include <algorithm>

namespace Patchbay::Guard {

namespace {

bool isIn(const Runtime::IpAddress& address, const Runtime::IpAddress& network, int mask) {
  const auto own = address.octets(), other = network.octets();
  if (own.size() != other.size()) return false;
  const auto whole = static_cast<size_t>(mask / 8);
  if (own.substr(0, whole) != other.substr(0, whole)) return false;
  const int rest = mask % 8;
  return rest == 0 || ((static_cast<unsigned char>(own[whole]) ^ static_cast<unsigned char>(other[whole])) >> (8 - rest)) == 0;
}

/// `name` in small letters.
bool holds(std::string_view text, const std::string& name) {
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a | 0x20) : a) == b; };
  return std::search(text.begin(), text.end(), name.begin(), name.end(), same) != text.end();
}

/// Networks as they are written; wrong ones are told.
void readFriends(Bundle::Host& host, Policy& policy) {
  for (const auto& text : host.settings().list("friends")) {
    const auto slash = text.find('/');
    const auto address = Runtime::IpAddress::parse(std::string_view(text).substr(0, slash));
    const int width = address && address->isV6() ? 128 : 32;
    const auto mask = slash == text.npos ? std::optional<int64_t>(width) : Pipeline::parseInteger(std::string_view(text).substr(slash + 1));
    if (!address || !mask || *mask < 0 || *mask > width) {
      host.problem("friends", "'" + text + "' is no address and no network such as 10.0.0.0/8");
      continue;
    }
    policy.friends.push_back({*address, static_cast<int>(*mask)});
  }
}

}  // namespace

Policy Policy::read(Bundle::Host& host) {
  const auto& settings = host.settings();
  const auto seconds = [&](const char* name) {
    return static_cast<uint32_t>(std::chrono::duration_cast<std::chrono::seconds>(settings.duration(name)).count());
  };
  Policy policy;
  policy.watchOnly = settings.text("mode") == "watch";
  policy.requests = static_cast<uint32_t>(settings.integer("requests"));
  policy.prefixRequests = policy.requests * 8;
  policy.points = static_cast<uint32_t>(settings.integer("points"));
  policy.window = seconds("window");
  policy.goodFor = seconds("good_for");
  policy.banTime = settings.duration("ban_time");
  policy.shortTime = settings.duration("short_ban_time");
  for (auto name : settings.list("scanners")) {
    std::ranges::transform(name, name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
    policy.scanners.push_back(std::move(name));
  }
  readFriends(host, policy);
  return policy;
}

bool Policy::isFriend(const Runtime::IpAddress& address) const {
  return std::ranges::any_of(friends, [&](const Network& network) { return isIn(address, network.address, network.mask); });
}

bool Policy::isScanner(const Core::Request& request) const {
  const auto agent = request.message.value(Parser::HeaderId::userAgent);
  return !agent.empty() && std::ranges::any_of(scanners, [&](const std::string& name) { return holds(agent, name); });
}

}  // namespace Patchbay::Guard
