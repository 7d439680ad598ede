#include "ContactOperations.h"

#include <algorithm>
#include <cmath>

#include <Poco/Exception.h>
#include <Poco/JSON/Array.h>

#include "Registration.h"
#include "patchbay/parser/Uri.h"

namespace Patchbay::Registrar {

namespace {

using Admin::Answer;
using Pipeline::Parameter;
using Pipeline::Type;
using Poco::JSON::Array;
using Poco::JSON::Object;

constexpr int64_t Second = 1'000'000'000;

Object object() {
  return Object(Poco::JSON_PRESERVE_KEY_ORDER);
}

const Parameter User{"user", Type::text, "user, user@domain or sip:user@domain", true};
const Parameter Table{"table", Type::text, "the location table", false, "location"};

std::vector<Parameter> addParameters() {
  return {User,
          {"contact", Type::text, "the URI where the user is, such as sip:joe@gateway.example.org", true},
          {"expires", Type::duration, "for how long; without it the contact stays, also over restarts", false, {}, Second},
          {"q", Type::number, "preference among the user's contacts, 0 to 1"},
          Table};
}

uint16_t qOf(const Admin::Arguments& arguments) {
  const auto given = Admin::argument(arguments, "q");
  if (!given) return Usrloc::Contact::noQ;
  const double q = std::stod(*given);
  if (!(q >= 0 && q <= 1)) throw Poco::InvalidArgumentException("q: " + *given + " is not from 0 to 1");
  return static_cast<uint16_t>(std::lround(q * 1000));
}

}  // namespace

void notFound(const std::string& key, const std::string& table) {
  throw Poco::NotFoundException("Username " + key + " in table " + table + " not found");
}

Object written(const ShownContact& contact, Runtime::WallTime now) {
  Object out = object();
  out.set("contact", contact.uri);
  if (contact.q != Usrloc::Contact::noQ) out.set("q", contact.q / 1000.0);
  if (contact.permanent)
    out.set("expires", "never");
  else
    out.set("expires", static_cast<int64_t>(std::chrono::ceil<std::chrono::seconds>(contact.expires - now).count()));
  const std::pair<const char*, const std::string*> texts[] = {{"received", &contact.received},
                                                              {"path", &contact.path},
                                                              {"user_agent", &contact.userAgent},
                                                              {"instance", &contact.instance},
                                                              {"call_id", &contact.callId}};
  for (const auto& [name, text] : texts)
    if (!text->empty()) out.set(name, *text);
  out.set("cseq", static_cast<int64_t>(contact.cseq));
  return out;
}

OperatorsTable ContactOperations::tableOf(const Arguments& arguments) const {
  return OperatorsTable(_services, Admin::argument(arguments, "table").value_or("location"));
}

Answer ContactOperations::show(const Arguments& arguments) const {
  const OperatorsTable table = tableOf(arguments);
  const std::string key = table.keyOf(arguments.at("user"));
  Array rows;
  for (const auto& contact : table.show(key)) rows.add(written(contact, _services.environment->clock.wall()));
  if (rows.size() == 0) notFound(key, table.name());
  return {200, rows};
}

Answer ContactOperations::add(const Arguments& arguments) const {
  const OperatorsTable table = tableOf(arguments);
  const std::string key = table.keyOf(arguments.at("user"));
  GivenContact contact{table.uriOf(arguments.at("contact")), qOf(arguments), {}};
  const auto uri = Parser::Uri::parse(contact.uri);
  if (_services.core->isMyself(*uri))
    throw Poco::InvalidArgumentException("'" + contact.uri + "' leads back to this server; another name of a user is an alias: alias add");
  if (const auto expires = Admin::argument(arguments, "expires")) contact.expires = Pipeline::parseDuration(*expires);
  table.add(key, contact);
  Object out = object();
  out.set("result", "Added to table");
  out.set("user", key);
  out.set("contact", contact.uri);
  out.set("table", table.name());
  return {201, out};
}

Answer ContactOperations::remove(const Arguments& arguments) const {
  const OperatorsTable table = tableOf(arguments);
  const std::string key = table.keyOf(arguments.at("user"));
  const auto contact = Admin::argument(arguments, "contact");
  const size_t count = table.remove(key, contact ? table.uriOf(*contact) : "");
  if (count == 0 && contact) throw Poco::NotFoundException(key + " has no contact " + *contact + " in table " + table.name());
  if (count == 0) notFound(key, table.name());
  Object out = object();
  out.set("result", "user (" + table.name() + ", " + key + ") deleted");
  out.set("contacts", static_cast<int64_t>(count));
  return {200, out};
}

void ContactOperations::removed(const Core::Account& account) {
  try {
    const OperatorsTable table(_services, "location");
    table.remove(table.keyOf(account.text()), "");
  } catch (const Poco::NotFoundException&) {
    // there is no such table
  }
}

/// Part by part, so that no registration waits for the whole.
Answer ContactOperations::online(const Arguments& arguments) const {
  const OperatorsTable table = tableOf(arguments);
  const auto most = static_cast<size_t>(*Pipeline::parseInteger(arguments.at("limit")));
  const std::string match = Admin::argument(arguments, "match").value_or("");
  Array rows;
  for (size_t part = 0; part < table.table().parts() && rows.size() < most; ++part)
    table.table().visitPart(part, [&](std::string_view aor, std::span<const Usrloc::Contact> contacts) {
      if (aor.find(match) == std::string_view::npos) return true;
      Object row = object();
      row.set("user", std::string(aor));
      row.set("contacts", static_cast<int64_t>(contacts.size()));
      row.set("contact", std::string(contacts.front().uri));
      rows.add(row);
      return rows.size() < most;
    });
  return {200, rows};
}

void ContactOperations::compare(const OperatorsTable& table, const std::string& key, Array& rows) const {
  std::vector<std::string> stored, all;
  if (const std::string why = table.table().stored(key, stored); !why.empty()) throw Poco::ExistsException(why);
  const auto inMemory = table.show(key);
  all = stored;
  for (const auto& contact : inMemory) all.push_back(contact.uri);
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  for (const auto& uri : all) {
    Object row = object();
    row.set("user", key);
    row.set("contact", uri);
    row.set("memory", std::any_of(inMemory.begin(), inMemory.end(), [&](const auto& one) { return one.uri == uri; }));
    row.set("database", std::find(stored.begin(), stored.end(), uri) != stored.end());
    rows.add(row);
  }
}

/// Bounded where serctl asked whether one was sure: each user is a question to the database.
Answer ContactOperations::compare(const Arguments& arguments) const {
  const OperatorsTable table = tableOf(arguments);
  const auto user = Admin::argument(arguments, "user");
  const auto most = static_cast<size_t>(*Pipeline::parseInteger(arguments.at("limit")));
  std::vector<std::string> keys;
  if (user) keys.push_back(table.keyOf(*user));
  for (size_t part = 0; !user && part < table.table().parts() && keys.size() < most; ++part)
    table.table().visitPart(part, [&](std::string_view aor, std::span<const Usrloc::Contact>) {
      keys.emplace_back(aor);
      return keys.size() < most;
    });
  Array rows;
  for (const auto& key : keys) compare(table, key, rows);
  if (user && rows.size() == 0) notFound(keys.front(), table.name());
  return {200, rows};
}

std::vector<Core::Location> ContactOperations::of(const Parser::Uri& user) const {
  const OperatorsTable table(_services, "location");
  const std::string key = table.keyOf(std::string(user.text));
  std::vector<Core::Location> all;
  for (const auto& contact : table.show(key)) {
    Core::Location location{contact.uri, contact.received, contact.path, {}};
    if (const auto connection = connectionIn(contact.received)) {
      location.nextHop.clear();  // its address may be another one's afterwards
      location.flow = _services.transport->flowOf(*connection);
    }
    all.push_back(std::move(location));
  }
  if (all.empty()) notFound(key, table.name());
  return all;
}

std::vector<Admin::Operation> ContactOperations::operations() {
  const auto run = [this](auto method) { return [this, method](const Arguments& arguments) { return (this->*method)(arguments); }; };
  const Parameter one{"contact", Type::text, "this one; without it all of them"};
  const Parameter limit{"limit", Type::integer, "how many users at most", false, "1000", 1, 100000};
  return {{.name = "ul.show",
           .summary = "The contacts of a user.",
           .path = "/contacts/{user}",
           .parameters = {User, Table},
           .run = run(&ContactOperations::show),
           .columns = {"contact", "q", "expires"}},
          {.name = "ul.add",
           .summary = "Adds a contact to a user, for good or for a time: a gateway, a telephone that does not register.",
           .method = "POST",
           .path = "/contacts/{user}",
           .parameters = addParameters(),
           .role = Admin::Role::operate,
           .audited = true,
           .effects = Pipeline::changesState,
           .run = run(&ContactOperations::add),
           .columns = {"result", "user", "contact", "table"}},
          {.name = "ul.rm",
           .summary = "Removes a contact of a user, or all.",
           .method = "DELETE",
           .path = "/contacts/{user}",
           .parameters = {User, one, Table},
           .role = Admin::Role::operate,
           .audited = true,
           .effects = Pipeline::changesState,
           .run = run(&ContactOperations::remove)},
          {.name = "online",
           .summary = "Users that have a contact.",
           .path = "/contacts",
           .parameters = {{"match", Type::text, "only those whose address holds this"}, limit, Table},
           .run = run(&ContactOperations::online),
           .columns = {"user", "contacts", "contact"}},
          {.name = "showdb",
           .summary = "The contacts of a user, or of all, in memory and in the database.",
           .path = "/stored",
           .parameters = {{"user", Type::text, "user, user@domain or sip:user@domain; without it all who have a contact"},
                          {"limit", Type::integer, "how many users at most: each is a question to the database", false, "100", 1, 100000},
                          Table},
           .run = [this](const Arguments& arguments) { return compare(arguments); },
           .columns = {"user", "contact", "memory", "database"}}};
}

}  // namespace Patchbay::Registrar
