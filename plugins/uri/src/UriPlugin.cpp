#include "UriPlugin.h"

#include <Poco/Exception.h>

#include "Actions.h"
#include "patchbay/auth_db/Subscriber.h"
#include "patchbay/core/Core.h"

namespace Patchbay::Uris {

using Pipeline::Type;

void UriPlugin::describe(Bundle::Declaration& declaration) {
  declaration.settings = {
      {.name = "use_table",
       .type = Type::boolean,
       .summary = "Whether users may use the further names that the table gives them.",
       .fallback = "no"},
      {.name = "table", .type = Type::text, .summary = "The table, with the columns of Kamailio's uri.", .fallback = "uri"},
      {.name = "users", .type = Type::text, .summary = "The table of users that does_uri_exist asks.", .fallback = "subscriber"},
      {.name = "default_domain",
       .type = Type::text,
       .summary = "The domain of rows that have none. Without it, they are left alone.",
       .fallback = ""},
  };
  declaration.actions = {checkAction(*this, Field::from), checkAction(*this, Field::to), existsAction(*this, [this] { ask(); })};
  declaration.operations = _mapping.operations();
}

void UriPlugin::configure(Bundle::Host& host) {
  _host = &host;
  const auto& settings = host.settings();
  _useTable = settings.boolean("use_table");
  _mapping.configure(settings.text("table"), Core::lower(settings.text("default_domain")));
  _users = AuthDb::subscriberTable(settings.text("users"));
}

void UriPlugin::ask() {
  const bool first = !_asked;
  _asked = true;
  if (first && _started) open();
}

void UriPlugin::open() {
  _database = &_host->services().find<Data::Database>();
  const auto must = [this](const Data::Table& table) {
    if (const auto failure = _database->open(table)) throw Poco::DataException(failure.text);
  };
  if (_asked) must(_users);
  if (!_useTable) return;
  must(_mapping.table());
  _mapping.use(*_database, _host->environment().clock, *_core);
}

void UriPlugin::start() {
  _started = true;
  if (_asked || _useTable) open();
}

}  // namespace Patchbay::Uris
