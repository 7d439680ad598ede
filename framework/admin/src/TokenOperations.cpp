#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeFormatter.h>
#include <Poco/JSON/Array.h>

#include "patchbay/admin/Access.h"

namespace Patchbay::Admin {

namespace {

using Pipeline::Parameter;
using Pipeline::Type;

std::string text(Runtime::WallTime time) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
  return Poco::DateTimeFormatter::format(Poco::Timestamp::fromEpochTime(seconds), Poco::DateTimeFormat::ISO8601_FORMAT);
}

Poco::JSON::Object row(const Access::Token& token) {
  Poco::JSON::Object object;
  object.set("name", token.name);
  object.set("role", nameOf(token.role));
  object.set("made", text(token.made));
  object.set("expires", token.expires ? text(*token.expires) : "never");
  return object;
}

Answer list(const Access& access) {
  Poco::JSON::Array rows;
  for (const auto& token : access.all()) rows.add(row(token));
  return {200, rows};
}

Answer add(Access& access, const Arguments& arguments) {
  std::optional<Runtime::Duration> valid;
  if (const auto given = argument(arguments, "valid")) valid = Pipeline::parseDuration(*given);
  const std::string name = arguments.at("name");
  const Role role = *roleOf(arguments.at("role"));
  Poco::JSON::Object body;
  body.set("name", name);
  body.set("role", nameOf(role));
  body.set("token", access.add(name, role, valid));
  return {201, body};
}

Answer remove(Access& access, const Arguments& arguments) {
  access.remove(arguments.at("name"));
  Poco::JSON::Object body;
  body.set("removed", arguments.at("name"));
  return {200, body};
}

}  // namespace

std::vector<Operation> tokenOperations(Access& access) {
  const Parameter name{"name", Type::text, "whose token it is, for the audit trail", true};
  Parameter role{"role", Type::text, "what its bearer may do: look, also operate, also administer", true};
  role.choices = {"read", "operate", "admin"};
  const Parameter valid{"valid", Type::duration, "for how long it is good; without it for ever", false, {}, 1'000'000'000};
  std::vector<Operation> all;
  all.push_back({.name = "token.list",
                 .summary = "Who has a token.",
                 .path = "/tokens",
                 .role = Role::administer,
                 .run = [&access](const Arguments&) { return list(access); },
                 .columns = {"name", "role", "made", "expires"}});
  all.push_back({.name = "token.add",
                 .summary = "Makes a token; it is shown this once only.",
                 .method = "POST",
                 .path = "/tokens",
                 .parameters = {name, role, valid},
                 .role = Role::administer,
                 .audited = true,
                 .effects = Pipeline::changesState,
                 .run = [&access](const Arguments& arguments) { return add(access, arguments); },
                 .columns = {"name", "role", "token"}});
  all.push_back({.name = "token.rm",
                 .summary = "Takes a token away, at once.",
                 .method = "DELETE",
                 .path = "/tokens/{name}",
                 .parameters = {name},
                 .role = Role::administer,
                 .audited = true,
                 .effects = Pipeline::changesState,
                 .run = [&access](const Arguments& arguments) { return remove(access, arguments); }});
  return all;
}

}  // namespace Patchbay::Admin
