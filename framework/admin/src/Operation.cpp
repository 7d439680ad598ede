#include "patchbay/admin/Operation.h"

namespace Patchbay::Admin {

const char* nameOf(Role role) {
  static constexpr const char* names[] = {"read", "operate", "admin"};
  return names[static_cast<size_t>(role)];
}

std::optional<Role> roleOf(std::string_view name) {
  for (const Role role : {Role::read, Role::operate, Role::administer})
    if (name == nameOf(role)) return role;
  return {};
}

Answer refusal(int status, const std::string& text) {
  Poco::JSON::Object body;
  body.set("error", text);
  return {status, body};
}

std::optional<std::string> argument(const Arguments& arguments, const std::string& name) {
  const auto found = arguments.find(name);
  return found == arguments.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace Patchbay::Admin
