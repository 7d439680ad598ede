#include "Mapping.h"

#include <algorithm>

#include <Poco/Exception.h>
#include <Poco/JSON/Array.h>

#include "patchbay/admin/Commit.h"
#include "patchbay/core/Core.h"

namespace Patchbay::Uris {

namespace {

using Admin::Answer;
using Admin::Arguments;
using Admin::Role;
using Data::Column;
using Pipeline::Type;

enum At : size_t { username, domain, uriUser };
constexpr uint8_t Changes = Pipeline::reads | Pipeline::changesState;
const Pipeline::Parameter User{
    .name = "user", .type = Type::text, .summary = "name@domain, or a name of the default domain.", .required = true};
const Pipeline::Parameter Name{.name = "name", .type = Type::text, .summary = "A name or number of his domain.", .required = true};

Data::Table tableOf(const std::string& name) {
  return {name,
          1,
          {{"username", Column::Type::text, 64},
           {"domain", Column::Type::text, 64},
           {"uri_user", Column::Type::text, 64},
           {"last_modified", Column::Type::time, 255, false, "1900-01-01 00:00:01"}},
          {"username", "domain", "uri_user"},
          {{"uri_user"}},
          1,
          99};
}

}  // namespace

void Mapping::configure(const std::string& table, const std::string& defaultDomain) {
  _table = tableOf(table);
  _rowDomain = defaultDomain;
}

void Mapping::use(Data::Database& database, const Runtime::Clock& clock, const Core::Service& core) {
  _database = &database;
  _clock = &clock;
  _core = &core;
  _domain = _rowDomain.empty() ? Core::lower(core.defaultDomain()) : _rowDomain;
}

bool Mapping::allows(const std::vector<Data::Row>& rows, const Core::Account& owner, std::string_view name) const {
  return std::any_of(rows.begin(), rows.end(), [&](const Data::Row& row) {
    return row.size() > At::uriUser && Core::textOf(row[At::uriUser]) == name && owner.isOf(row[At::username], row[At::domain], _rowDomain);
  });
}

bool Mapping::has(const std::vector<Data::Row>& rows, const Core::Account& used) const {
  return std::any_of(rows.begin(), rows.end(), [&](const Data::Row& row) {
    return row.size() > At::uriUser && used.isOf(row[At::uriUser], row[At::domain], _rowDomain);
  });
}

std::vector<Admin::Operation> Mapping::operations() {
  return {
      {.name = "uri.add",
       .summary = "Lets a user call and register under a further name or number.",
       .method = "POST",
       .path = "/users/{user}/uris",
       .parameters = {User, Name},
       .role = Role::operate,
       .audited = true,
       .effects = Changes,
       .run = [this](const Arguments& arguments) { return add(arguments); }},
      {.name = "uri.rm",
       .summary = "Takes a further name from a user.",
       .method = "DELETE",
       .path = "/users/{user}/uris/{name}",
       .parameters = {User, Name},
       .role = Role::operate,
       .audited = true,
       .effects = Changes,
       .run = [this](const Arguments& arguments) { return remove(arguments); }},
      {.name = "uri.show",
       .summary = "The further names of a user.",
       .path = "/users/{user}/uris",
       .parameters = {User},
       .run = [this](const Arguments& arguments) { return show(arguments); }},
  };
}

Core::Account Mapping::accountOf(const Arguments& arguments) const {
  if (!_database) throw Poco::ExistsException("the table '" + _table.name + "' is not in use: <uri use_table=\"yes\"/>");
  return Core::Account::parse(Admin::argument(arguments, "user").value_or(""), _domain).folded(*_core);
}

Answer Mapping::add(const Arguments& arguments) {
  const auto owner = accountOf(arguments);
  const auto used = Core::Account::parse(Admin::argument(arguments, "name").value_or(""), owner.domain).folded(*_core);
  if (used.domain != owner.domain) throw Poco::InvalidArgumentException("a name of another domain: " + used.text());
  const auto failure = Admin::commit([&](auto done) {
    _database->upsert(_table, {owner.name, owner.domain, used.name, Data::timeText(_clock->wall())}, std::move(done));
  });
  return failure ? Admin::refusal(failure) : show(arguments);
}

Answer Mapping::remove(const Arguments& arguments) {
  const auto owner = accountOf(arguments);
  const std::string name = Admin::argument(arguments, "name").value_or("");
  bool found = false;
  auto failure = _database->read(
      _table, [&](const Data::Row& row) { found |= allows({row}, owner, name); }, "username", owner.name);
  if (!failure && !found) throw Poco::NotFoundException(owner.text() + " has no further name '" + name + "'");
  if (!failure) failure = Admin::commit([&](auto done) { _database->remove(_table, {owner.name, owner.domain, name}, std::move(done)); });
  return failure ? Admin::refusal(failure) : show(arguments);
}

Answer Mapping::show(const Arguments& arguments) const {
  const auto owner = accountOf(arguments);
  Poco::JSON::Array::Ptr names = new Poco::JSON::Array;
  const auto failure = _database->read(
      _table,
      [&](const Data::Row& row) {
        if (owner.isOf(row[At::username], row[At::domain], _rowDomain)) names->add(std::string(Core::textOf(row[At::uriUser])));
      },
      "username", owner.name);
  if (failure) return Admin::refusal(failure);
  Poco::JSON::Object::Ptr body = new Poco::JSON::Object;
  body->set("user", owner.text());
  body->set("names", names);
  return {200, body};
}

}  // namespace Patchbay::Uris
