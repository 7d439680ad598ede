#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

/// Writes DNS messages for tests, good and bad ones.
namespace Dns {

inline std::string number16(size_t value) {
  return {static_cast<char>(value >> 8), static_cast<char>(value)};
}
inline std::string number32(size_t value) {
  return number16(value >> 16 & 0xffff) + number16(value & 0xffff);
}
/// "a.test" in its wire form; "" is the root.
inline std::string name(const std::string& text) {
  std::string out;
  for (size_t from = 0; from < text.size();) {
    const size_t dot = std::min(text.find('.', from), text.size());
    out += static_cast<char>(dot - from) + text.substr(from, dot - from);
    from = dot + 1;
  }
  return out + '\0';
}
inline std::string text(const std::string& text) {
  return static_cast<char>(text.size()) + text;
}
/// A pointer to where the question's name stands.
inline const std::string Asked("\xc0\x0c");
inline std::string record(size_t type, size_t ttl, const std::string& data, const std::string& owner = Asked, size_t space = 1) {
  return owner + number16(type) + number16(space) + number32(ttl) + number16(data.size()) + data;
}
inline std::string service(size_t priority, size_t weight, size_t port, const std::string& target) {
  return number16(priority) + number16(weight) + number16(port) + name(target);
}
inline std::string pointer(size_t order, size_t preference, const std::string& flags, const std::string& service,
                           const std::string& pattern, const std::string& replacement) {
  return number16(order) + number16(preference) + text(flags) + text(service) + text(pattern) + name(replacement);
}
inline std::string zone(size_t ttl, size_t least, const std::string& owner = name("test")) {
  return record(6, ttl, name("ns.test") + name("admin.test") + number32(1) + number32(2) + number32(3) + number32(4) + number32(least),
                owner);
}
inline std::string question(const std::string& asked, size_t type) {
  return name(asked) + number16(type) + number16(1);
}
/// A whole answer to that question.
struct Message {
  std::string asked;
  size_t type = 1;
  size_t answers = 0;
  std::string records = {};
  int code = 0;
  size_t authorities = 0;
  size_t flags = 0x8180;
  std::string str() const {
    return number16(0x1234) + number16(flags | static_cast<size_t>(code)) + number16(1) + number16(answers) + number16(authorities) +
           number16(0) + question(asked, type) + records;
  }
};

}  // namespace Dns
