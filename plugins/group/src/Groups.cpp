#include "Groups.h"

#include <algorithm>

#include <Poco/Exception.h>
#include <Poco/JSON/Array.h>
#include <Poco/StringTokenizer.h>

#include "patchbay/admin/Commit.h"
#include "patchbay/core/Core.h"

namespace Patchbay::Group {

namespace {

using Admin::Answer;
using Admin::Arguments;
using Admin::Role;
using Data::Column;
using Pipeline::Type;

enum At : size_t { username, domain, grp };
constexpr uint8_t Changes = Pipeline::reads | Pipeline::changesState;
const Pipeline::Parameter User{
    .name = "user", .type = Type::text, .summary = "name@domain, or a name of the default domain.", .required = true};

Data::Table tableOf(const std::string& name) {
  return {name,
          4,
          {{"username", Column::Type::text, 64},
           {"domain", Column::Type::text, 64},
           {"grp", Column::Type::text, 64},
           {"last_modified", Column::Type::time, 255, false, "1900-01-01 00:00:01"}},
          {"username", "domain", "grp"},
          {{"username", "grp"}},
          1,
          99};
}

std::vector<std::string> listOf(const Arguments& arguments, const char* name) {
  const Poco::StringTokenizer words(Admin::argument(arguments, name).value_or(""), ",",
                                    Poco::StringTokenizer::TOK_TRIM | Poco::StringTokenizer::TOK_IGNORE_EMPTY);
  return {words.begin(), words.end()};
}

bool isGroup(const std::string& name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  });
}

}  // namespace

void Groups::configure(const Settings& settings) {
  _settings = settings;
  _table = tableOf(settings.table);
}

void Groups::use(Data::Database& database, const Runtime::Clock& clock, const Core::Service& core) {
  _database = &database;
  _clock = &clock;
  _core = &core;
  _domain = _settings.defaultDomain.empty() ? Core::lower(core.defaultDomain()) : _settings.defaultDomain;
}

bool Groups::isMember(const std::vector<Data::Row>& rows, const Core::Account& account) const {
  return std::any_of(rows.begin(), rows.end(), [&](const Data::Row& row) {
    return row.size() > At::grp && account.isOf(row[At::username], row[At::domain], _settings.defaultDomain);
  });
}

std::vector<Admin::Operation> Groups::operations() {
  return {
      {.name = "acl.grant",
       .summary = "Makes a user a member of groups, from his next request on.",
       .method = "POST",
       .path = "/users/{user}/groups",
       .parameters = {User,
                      {.name = "groups", .type = Type::list, .summary = "One or more of the allowed groups.", .required = true},
                      {.name = "unknown",
                       .type = Type::boolean,
                       .summary = "yes: also to a name that is no user, such as a number of the telephone network.",
                       .fallback = "no"}},
       .role = Role::operate,
       .audited = true,
       .effects = Changes,
       .run = [this](const Arguments& arguments) { return grant(arguments); }},
      {.name = "acl.revoke",
       .summary = "Takes a user out of groups, from his next request on; without groups out of all.",
       .method = "DELETE",
       .path = "/users/{user}/groups",
       .parameters = {User, {.name = "groups", .type = Type::list, .summary = "Which; all when none is given.", .fallback = ""}},
       .role = Role::operate,
       .audited = true,
       .effects = Changes,
       .run = [this](const Arguments& arguments) { return revoke(arguments); }},
      {.name = "acl.show",
       .summary = "The groups of a user.",
       .path = "/users/{user}/groups",
       .parameters = {User},
       .run = [this](const Arguments& arguments) { return show(arguments); },
       .columns = {"group", "since"}},
  };
}

void Groups::require() const {
  if (!_database) throw Poco::ExistsException("no rule asks for groups: the table '" + _settings.table + "' is not in use");
}

Core::Account Groups::accountOf(const Arguments& arguments) const {
  require();
  return Core::Account::parse(Admin::argument(arguments, "user").value_or(""), _domain).folded(*_core);
}

void Groups::checkAllowed(const std::string& group) const {
  const auto& allowed = _settings.allowed;
  if (!isGroup(group)) throw Poco::InvalidArgumentException("'" + group + "' is no name of a group");
  if (allowed.empty() || std::find(allowed.begin(), allowed.end(), group) != allowed.end()) return;
  std::string names;
  for (const auto& name : allowed) names += (names.empty() ? "" : ", ") + name;
  throw Poco::InvalidArgumentException("there is no group '" + group + "'; there are " + names + " (<group groups=\"\"/>)");
}

/// A slip of the pen would be a user who is refused, and nobody knows why.
void Groups::checkUser(const Core::Account& account, const Arguments& arguments) const {
  if (!_accounts || Admin::argument(arguments, "unknown") == "yes" || _accounts->exists(account).value_or(true)) return;
  throw Poco::NotFoundException("there is no user " + account.text() + "; for a number that is no user: unknown=yes");
}

/// Throws when the database fails.
std::vector<Data::Row> Groups::rowsOf(const Core::Account& account) const {
  std::vector<Data::Row> rows;
  const auto failure = _database->read(
      _table,
      [&](const Data::Row& row) {
        if (account.isOf(row[At::username], row[At::domain], _settings.defaultDomain)) rows.push_back(row);
      },
      "username", account.name);
  if (failure) throw Poco::DataException("the database: " + failure.text);
  return rows;
}

Answer Groups::grant(const Arguments& arguments) {
  const auto account = accountOf(arguments);
  const auto groups = listOf(arguments, "groups");
  if (groups.empty()) throw Poco::InvalidArgumentException("which groups?");
  for (const auto& group : groups) checkAllowed(group);
  checkUser(account, arguments);
  for (const auto& group : groups) {
    const auto failure = Admin::commit([&](auto done) {
      _database->upsert(_table, {account.name, account.domain, group, Data::timeText(_clock->wall())}, std::move(done));
    });
    if (failure) return Admin::refusal(failure);
  }
  return show(arguments);
}

Answer Groups::revoke(const Arguments& arguments) {
  const auto account = accountOf(arguments);
  const auto groups = listOf(arguments, "groups");
  size_t found = 0;
  for (const auto& row : rowsOf(account)) {
    const std::string group(Core::textOf(row[At::grp]));
    if (!groups.empty() && std::find(groups.begin(), groups.end(), group) == groups.end()) continue;
    ++found;
    const auto failure = Admin::commit([&](auto done) {
      _database->remove(_table, {row[At::username], row[At::domain], group}, std::move(done));
    });
    if (failure) return Admin::refusal(failure);
  }
  if (found == 0) throw Poco::NotFoundException(account.text() + " is in " + (groups.empty() ? "no group" : "none of these groups"));
  return show(arguments);
}

void Groups::removed(const Core::Account& account) {
  if (!_database) return;
  for (const auto& row : rowsOf(account)) {
    const auto failure = Admin::commit([&](auto done) {
      _database->remove(_table, {row[At::username], row[At::domain], row[At::grp]}, std::move(done));
    });
    if (failure) throw Poco::DataException("the database: " + failure.text);
  }
}

Answer Groups::show(const Arguments& arguments) const {
  const auto account = accountOf(arguments);
  Poco::JSON::Array::Ptr groups = new Poco::JSON::Array;
  for (const auto& row : rowsOf(account)) {
    Poco::JSON::Object::Ptr entry = new Poco::JSON::Object;
    entry->set("group", std::string(Core::textOf(row[At::grp])));
    entry->set("since", std::string(Core::textOf(row.back())));
    groups->add(entry);
  }
  Poco::JSON::Object::Ptr body = new Poco::JSON::Object;
  body->set("user", account.text());
  body->set("groups", groups);
  return {200, body};
}

}  // namespace Patchbay::Group
