#include "AliasOperations.h"

#include <Poco/Exception.h>
#include <Poco/JSON/Array.h>

#include "ContactOperations.h"
#include "patchbay/parser/Uri.h"

namespace Patchbay::Registrar {

namespace {

using Admin::Answer;
using Pipeline::Parameter;
using Pipeline::Type;
using Poco::JSON::Object;

constexpr int MostHops = 16;

const Parameter Alias{"alias", Type::text, "the further address: alias, alias@domain or sip:alias@domain", true};

}  // namespace

Answer AliasOperations::show(const Arguments& arguments) const {
  const OperatorsTable aliases = table();
  const std::string key = aliases.keyOf(arguments.at("alias"));
  Poco::JSON::Array rows;
  for (const auto& contact : aliases.show(key)) rows.add(written(contact, _services.environment->clock.wall()));
  if (rows.size() == 0) notFound(key, aliases.name());
  return {200, rows};
}

/// Follows all aliases from the target on: none of them may lead back.
void AliasOperations::checkLoops(const OperatorsTable& aliases, const std::string& alias, const std::string& target) const {
  std::vector<std::pair<std::string, std::string>> open{{target, alias + " -> " + target}};
  for (int hop = 0; !open.empty(); ++hop) {
    const auto [text, way] = open.back();
    open.pop_back();
    const auto uri = Parser::Uri::parse(text);
    if (!uri || !_services.core->isMyself(*uri)) continue;
    if (uri->user.empty()) throw Poco::InvalidArgumentException("'" + text + "' leads to this server, but to no user");
    const std::string key = aliases.keyOf(text);
    if (key == alias) throw Poco::InvalidArgumentException("a loop: " + way);
    if (hop > MostHops)
      throw Poco::InvalidArgumentException("more than " + std::to_string(MostHops) + " aliases one behind the other: " + way);
    for (const auto& next : aliases.show(key)) open.emplace_back(next.uri, way + " -> " + next.uri);
  }
}

Answer AliasOperations::add(const Arguments& arguments) const {
  const OperatorsTable aliases = table();
  const std::string key = aliases.keyOf(arguments.at("alias"));
  const std::string given = arguments.at("uri");
  const bool name = given.find('@') == std::string::npos && given.find(':') == std::string::npos;
  const std::string target = aliases.uriOf(name ? "sip:" + aliases.keyOf(given) : given);
  checkLoops(aliases, key, target);
  aliases.add(key, {target, Usrloc::Contact::noQ, {}});
  Object out(Poco::JSON_PRESERVE_KEY_ORDER);
  out.set("result", "Added to table");
  out.set("alias", key);
  out.set("uri", target);
  out.set("table", aliases.name());
  return {201, out};
}

Answer AliasOperations::remove(const Arguments& arguments) const {
  const OperatorsTable aliases = table();
  const std::string key = aliases.keyOf(arguments.at("alias"));
  const size_t count = aliases.remove(key, "");
  if (count == 0) notFound(key, aliases.name());
  Object out(Poco::JSON_PRESERVE_KEY_ORDER);
  out.set("result", "user (" + aliases.name() + ", " + key + ") deleted");
  out.set("contacts", static_cast<int64_t>(count));
  return {200, out};
}

std::vector<Admin::Operation> AliasOperations::operations() {
  const auto run = [this](auto method) { return [this, method](const Arguments& arguments) { return (this->*method)(arguments); }; };
  return {{.name = "alias.show",
           .summary = "Where an alias leads.",
           .path = "/aliases/{alias}",
           .parameters = {Alias},
           .run = run(&AliasOperations::show),
           .columns = {"contact", "expires"}},
          {.name = "alias.add",
           .summary = "Gives a user a further address. It stays, also over restarts; one that leads back to itself is refused.",
           .method = "POST",
           .path = "/aliases/{alias}",
           .parameters = {Alias, {"uri", Type::text, "where it leads: a user, user@domain or a SIP URI", true}},
           .role = Admin::Role::operate,
           .audited = true,
           .effects = Pipeline::changesState,
           .run = run(&AliasOperations::add),
           .columns = {"result", "alias", "uri", "table"}},
          {.name = "alias.rm",
           .summary = "Removes an alias.",
           .method = "DELETE",
           .path = "/aliases/{alias}",
           .parameters = {Alias},
           .role = Admin::Role::operate,
           .audited = true,
           .effects = Pipeline::changesState,
           .run = run(&AliasOperations::remove)}};
}

}  // namespace Patchbay::Registrar
