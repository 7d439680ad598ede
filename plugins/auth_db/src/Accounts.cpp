#include "Accounts.h"

#include <algorithm>

#include <Poco/Exception.h>
#include <Poco/JSON/Array.h>

#include "patchbay/admin/Commit.h"
#include "patchbay/core/Core.h"

namespace Patchbay::AuthDb {

namespace {

using Admin::Answer;
using Admin::refusal;
using Admin::Role;
using Pipeline::Type;

std::string valueOf(const Admin::Arguments& arguments, const char* name) {
  return Admin::argument(arguments, name).value_or("");
}

const Pipeline::Parameter UserParameter{
    .name = "user", .type = Type::text, .summary = "name@domain, or a name of the default domain.", .required = true};
const Pipeline::Parameter PasswordParameter{.name = "password", .type = Type::text, .summary = "The password.", .required = true};
const Pipeline::Parameter TableParameter{
    .name = "table", .type = Type::text, .summary = "The table of users, when rules name several; else subscriber.", .fallback = ""};
constexpr uint8_t Changes = Pipeline::reads | Pipeline::changesState;

}  // namespace

void Accounts::use(Data::Database& database, const Settings& settings, Changed changed) {
  _database = &database;
  _settings = settings;
  _changed = std::move(changed);
}

/// The one of that name; without a name the usual one.
const Subscribers* Accounts::tableNamed(const std::string& name) const {
  return _tables.with([&](const auto& tables) -> const Subscribers* {
    const auto found = tables.find(name.empty() ? "subscriber" : name);
    if (found != tables.end()) return found->second;
    return name.empty() && !tables.empty() ? tables.begin()->second : nullptr;
  });
}

std::vector<Admin::Operation> Accounts::operations() {
  const auto run = [this](auto method) { return [this, method](const Parameters& parameters) { return (this->*method)(parameters); }; };
  const Pipeline::Parameter email{.name = "email", .type = Type::text, .summary = "Where the user is written to.", .fallback = ""};
  return {
      {.name = "add",
       .summary = "Adds a user who can then register and call.",
       .method = "POST",
       .path = "/users",
       .parameters = {UserParameter, PasswordParameter, email, TableParameter},
       .role = Role::operate,
       .audited = true,
       .effects = Changes,
       .run = run(&Accounts::addUser),
       .secrets = {"password"}},
      {.name = "passwd",
       .summary = "Changes a user's password, from his next request on.",
       .method = "PUT",
       .path = "/users/{user}/password",
       .parameters = {UserParameter, PasswordParameter, TableParameter},
       .role = Role::operate,
       .audited = true,
       .effects = Changes,
       .run = run(&Accounts::password),
       .secrets = {"password"}},
      {.name = "rm",
       .summary = "Removes a user with his contacts and groups: from his next request on he is nobody.",
       .method = "DELETE",
       .path = "/users/{user}",
       .parameters = {UserParameter, TableParameter},
       .role = Role::operate,
       .audited = true,
       .effects = Changes,
       .run = run(&Accounts::remove)},
      {.name = "user.show",
       .summary = "Whether there is such a user, and what is stored of him but the password.",
       .path = "/users/{user}",
       .parameters = {UserParameter, TableParameter},
       .run = run(&Accounts::show),
       .columns = {"user", "email"}},
      {.name = "mail",
       .summary = "A user's e-mail address and nothing else, for scripts: mail -s 'Tonight' \"$(patchctl mail joe)\".",
       .path = "/users/{user}/mail",
       .parameters = {UserParameter, TableParameter},
       .run = run(&Accounts::mail)},
      {.name = "user.list", .summary = "The users.", .path = "/users", .parameters = {TableParameter}, .run = run(&Accounts::list)},
  };
}

Answer Accounts::withTable(const Parameters& parameters, const std::function<Answer(const Subscribers&)>& work) const {
  const std::string name = valueOf(parameters, "table");
  if (const auto* table = tableNamed(name)) return work(*table);
  if (name.empty()) return refusal(409, "no rule authenticates users: name a table in www_authorize or proxy_authorize first");
  return refusal(404, "no rule authenticates by a table '" + name + "'");
}

Answer Accounts::withUser(const Parameters& parameters, const std::function<Answer(const Subscribers&, const User&)>& work) const {
  return withTable(parameters, [&](const Subscribers& table) {
    return work(table, Core::Account::parse(valueOf(parameters, "user"), _domain).folded(*_core));
  });
}

/// In any of the tables.
std::optional<bool> Accounts::exists(const User& user) const {
  const auto tables = _tables.with([](const auto& all) { return all; });
  if (tables.empty()) return {};
  bool found = false;
  for (auto one = tables.begin(); one != tables.end() && !found; ++one)
    if (const auto failure = find(*one->second, user, found)) throw Poco::DataException("the database: " + failure.text);
  return found;
}

Data::Failure Accounts::find(const Subscribers& table, const User& user, bool& exists, std::string* email) const {
  exists = false;
  const auto look = [&](const Data::Table& which, const auto& found) {
    return _database->read(
        which,
        [&](const Data::Row& row) { return textOf(row[0]) == user.name && lower(textOf(row[1])) == user.domain ? found(row) : void(); },
        "username", user.name);
  };
  Data::Failure failure = look(table.users(), [&](const Data::Row&) { exists = true; });
  if (!failure && email && _settings.hashes)
    failure = look(table.hashes(), [&](const Data::Row& row) { *email = std::string(textOf(row.back())); });
  return failure;
}

Answer Accounts::store(const Subscribers& table, const User& user, const std::string& password, const std::string& email, int status) {
  if (password.empty()) return refusal(400, "the password is empty");
  if (_settings.plain && password.size() > 64) return refusal(400, "a password that is stored as it is has at most 64 octets");
  if (!email.empty() && !_settings.hashes) return refusal(400, "there is no table for e-mail addresses: <auth_db hashes=\"no\"/>");
  if (_settings.hashes) {
    const auto failure = Admin::commit([&](auto done) {
      _database->upsert(table.hashes(), Subscribers::hashRow(user.name, user.domain, password, email), std::move(done));
    });
    if (failure) return refusal(failure);
  }
  const auto failure = Admin::commit([&](auto done) {
    _database->upsert(table.users(), Subscribers::userRow(user.name, user.domain, password, _settings.plain), std::move(done));
  });
  if (failure) return refusal(failure);
  _changed(table, user.name, user.domain);
  Poco::JSON::Object::Ptr body = new Poco::JSON::Object;
  body->set("user", user.text());
  return {status, body};
}

Answer Accounts::addUser(const Parameters& parameters) {
  return withUser(parameters, [&](const Subscribers& table, const User& user) {
    bool exists = false;
    if (const auto failure = find(table, user, exists)) return refusal(failure);
    if (exists) return refusal(409, user.text() + " is there already; a new password is set by passwd");
    return store(table, user, valueOf(parameters, "password"), valueOf(parameters, "email"), 201);
  });
}

Answer Accounts::password(const Parameters& parameters) {
  return withUser(parameters, [&](const Subscribers& table, const User& user) {
    bool exists = false;
    std::string email;
    if (const auto failure = find(table, user, exists, &email)) return refusal(failure);
    if (!exists) return refusal(404, "there is no user " + user.text());
    return store(table, user, valueOf(parameters, "password"), email, 200);
  });
}

Answer Accounts::remove(const Parameters& parameters) {
  return withUser(parameters, [&](const Subscribers& table, const User& user) {
    bool exists = false;
    if (const auto failure = find(table, user, exists)) return refusal(failure);
    if (!exists) return refusal(404, "there is no user " + user.text());
    for (const auto* which : {&table.users(), &table.hashes()}) {
      if (which == &table.hashes() && !_settings.hashes) continue;
      const auto failure = Admin::commit([&](auto done) { _database->remove(*which, {user.name, user.domain}, std::move(done)); });
      if (failure) return refusal(failure);
    }
    _changed(table, user.name, user.domain);
    for (auto* observer : _observers) observer->removed(user);
    Poco::JSON::Object::Ptr body = new Poco::JSON::Object;
    body->set("removed", user.text());
    return Answer{200, body};
  });
}

Answer Accounts::show(const Parameters& parameters) {
  return withUser(parameters, [&](const Subscribers& table, const User& user) {
    bool exists = false;
    std::string email;
    if (const auto failure = find(table, user, exists, &email)) return refusal(failure);
    if (!exists) return refusal(404, "there is no user " + user.text());
    Poco::JSON::Object::Ptr body = new Poco::JSON::Object;
    body->set("user", user.text());
    body->set("email", email);
    return Answer{200, body};
  });
}

Answer Accounts::mail(const Parameters& parameters) {
  return withUser(parameters, [&](const Subscribers& table, const User& user) {
    bool exists = false;
    std::string email;
    if (const auto failure = find(table, user, exists, &email)) return refusal(failure);
    if (!exists) return refusal(404, "there is no user " + user.text());
    if (email.empty()) return refusal(404, user.text() + " has no e-mail address here");
    Poco::JSON::Array::Ptr addresses = new Poco::JSON::Array;  // a list, which patchctl prints as lines and nothing else
    addresses->add(email);
    return Answer{200, addresses};
  });
}

Answer Accounts::list(const Parameters& parameters) {
  return withTable(parameters, [&](const Subscribers& table) {
    std::vector<std::string> names;
    const auto failure = _database->read(table.users(), [&](const Data::Row& row) {
      names.push_back(std::string(textOf(row[0])) + "@" + std::string(textOf(row[1]).empty() ? std::string_view(_domain) : textOf(row[1])));
    });
    if (failure) return refusal(failure);
    std::sort(names.begin(), names.end());
    Poco::JSON::Array::Ptr users = new Poco::JSON::Array;
    for (const auto& name : names) {
      Poco::JSON::Object::Ptr one = new Poco::JSON::Object;
      one->set("user", name);
      users->add(one);
    }
    return Answer{200, users};
  });
}

}  // namespace Patchbay::AuthDb
