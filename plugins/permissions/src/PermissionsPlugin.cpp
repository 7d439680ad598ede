#include "PermissionsPlugin.h"

#include <Poco/Exception.h>
#include <Poco/JSON/Array.h>
#include <Poco/NumberParser.h>

#include "patchbay/admin/Commit.h"
#include "patchbay/core/Core.h"

namespace Patchbay::Permissions {

using Admin::Answer;
using Admin::Arguments;
using Pipeline::Type;
using Pipeline::Verdict;

namespace {

constexpr int64_t Second = 1000000000;

class AllowSourceAddress : public Pipeline::Action {
 public:
  AllowSourceAddress(const Runtime::Published<PermissionsPlugin::Known>& known, Pipeline::Binding& binding)
      : _known(known), _group(binding.integer("group")) {}
  Verdict run(Pipeline::Machine& machine) override {
    const auto& flow = machine.subject<Core::Request>().flow;
    const auto& known = _known.get();
    const auto group = _group.get(machine);
    if (known.state == PermissionsPlugin::Known::State::unknown) return machine.fail("the trusted addresses have not been read yet");
    return group && known.list.contains(*group, flow.peer, flow.protocol()) ? Verdict::yes : Verdict::no;
  }

 private:
  const Runtime::Published<PermissionsPlugin::Known>& _known;
  Pipeline::IntegerArgument _group;
};

std::string textOf(const Arguments& arguments, const char* name) {
  return Admin::argument(arguments, name).value_or("");
}

std::vector<Pipeline::Parameter> addParameters() {
  return {
      {.name = "network", .type = Type::network, .summary = "An address or a network: 192.0.2.1, 10.0.0.0/8.", .required = true},
      {.name = "group", .type = Type::integer, .summary = "The group that allow_source_address asks for.", .fallback = "1"},
      {.name = "port", .type = Type::integer, .summary = "Only from this port; 0: any.", .fallback = "0", .least = 0, .most = 65535},
      {.name = "transport",
       .type = Type::text,
       .summary = "Only by this.",
       .fallback = "any",
       .choices = {"any", "udp", "tcp", "tls", "ws", "wss"}},
  };
}

Poco::JSON::Object::Ptr jsonOf(const Trusted& entry) {
  Poco::JSON::Object::Ptr one = new Poco::JSON::Object;
  one->set("id", entry.id);
  one->set("group", entry.group);
  one->set("network", AddressList::networkText(entry));
  one->set("port", int(entry.port));
  one->set("transport", entry.protocol ? std::string(Transport::nameOf(*entry.protocol)) : std::string("any"));
  return one;
}

}  // namespace

Pipeline::ActionDeclaration PermissionsPlugin::allowSourceAddress() {
  return {.name = "allow_source_address",
          .summary =
              "Whether the request comes from a trusted address: network, port and transport of a row of that group. Asks memory, not "
              "the database; error while the table has never been read.",
          .parameters = {{.name = "group", .type = Type::integer, .summary = "The group of addresses (grp).", .fallback = "1"}},
          .entries = {"request", "branch", "failure"},
          .step = false,
          .predicate = true,
          .yes = "it does",
          .no = "it does not, or a row of the table is wrong, so that nobody is trusted",
          .bind = [this](Pipeline::Binding& binding) {
            const bool first = !_asked;
            _asked = true;
            if (first && _started) open();  // a rule that came with a reload
            return std::make_unique<AllowSourceAddress>(_known, binding);
          }};
}

void PermissionsPlugin::describe(Bundle::Declaration& declaration) {
  declaration.settings = {
      {.name = "table", .type = Type::text, .summary = "The table, with the columns of Kamailio's address.", .fallback = "address"},
      {.name = "refresh",
       .type = Type::duration,
       .summary = "How often the table is read again, for what others have changed in it. What operations change counts at once.",
       .fallback = "1min",
       .least = Second,
       .most = 86400 * Second},
  };
  declaration.metrics = {{"permissions_entries", "Trusted networks.", Runtime::Metrics::Kind::gauge}};
  declaration.actions = {allowSourceAddress()};
  declaration.operations = operations();
}

std::vector<Admin::Operation> PermissionsPlugin::operations() {
  using Admin::Role;
  constexpr uint8_t Changes = Pipeline::reads | Pipeline::changesState;
  return {
      {.name = "address.list",
       .summary = "The trusted networks.",
       .path = "/addresses",
       .run = [this](const Arguments&) { return show(); },
       .columns = {"id", "group", "network", "port", "transport"}},
      {.name = "address.add",
       .summary = "Trusts a network, from now on.",
       .method = "POST",
       .path = "/addresses",
       .parameters = addParameters(),
       .role = Role::operate,
       .audited = true,
       .effects = Changes,
       .run = [this](const Arguments& arguments) { return add(arguments); }},
      {.name = "address.rm",
       .summary = "Trusts a network no more.",
       .method = "DELETE",
       .path = "/addresses/{id}",
       .parameters = {{.name = "id", .type = Type::integer, .summary = "As address list shows it.", .required = true}},
       .role = Role::operate,
       .audited = true,
       .effects = Changes,
       .run = [this](const Arguments& arguments) { return remove(arguments); }},
      {.name = "address.reload",
       .summary = "Reads the table again; a wrong row refuses it whole.",
       .method = "POST",
       .path = "/addresses/reload",
       .role = Role::operate,
       .audited = true,
       .effects = Changes,
       .run = [this](const Arguments&) { return reload(); }},
  };
}

void PermissionsPlugin::configure(Bundle::Host& host) {
  _host = &host;
  _table = AddressList::tableNamed(host.settings().text("table"));
  _every = host.settings().duration("refresh");
  host.gauge("permissions_entries", [this] { return static_cast<double>(_known.hold()->list.entries().size()); });
}

/// A reload of the configuration reads the table, too.
void PermissionsPlugin::furnish(Pipeline::Snapshot&) {
  if (_database) refresh();
}

void PermissionsPlugin::start() {
  _started = true;
  if (_asked) open();
}

void PermissionsPlugin::open() {
  auto& database = _host->services().find<Data::Database>();
  if (const auto failure = database.open(_table)) throw Poco::DataException(failure.text);
  _database = &database;
  refresh();
  _refresh = std::make_unique<Data::Refresh>(_host->environment(), _every, [this] { refresh(); });
}

void PermissionsPlugin::stop() noexcept {
  _refresh.reset();
  _database = nullptr;
  _started = false;
}

std::string PermissionsPlugin::load() {
  std::vector<Trusted> entries;
  std::string fault;
  const auto failure = _database->read(_table, [&](const Data::Row& row) {
    const auto wrong = AddressList::read(row, entries.emplace_back());
    if (fault.empty()) fault = wrong;
  });
  if (failure) return "the database: " + failure.text;
  auto& workers = _host->environment().workers;
  const auto before = _known.hold();
  if (!fault.empty()) {
    if (before->state == Known::State::unknown) _known.publish(std::make_shared<const Known>(Known{Known::State::closed, {}}), workers);
    return "table '" + _table.name + "': " + fault;
  }
  AddressList list(std::move(entries));
  if (before->state != Known::State::good || before->list.entries() != list.entries())
    _known.publish(std::make_shared<const Known>(Known{Known::State::good, std::move(list)}), workers);
  return {};
}

void PermissionsPlugin::refresh() {
  tell(load());
}

void PermissionsPlugin::tell(const std::string& fault) {
  using State = Admin::Health::State;
  const bool well = fault.empty();
  if (_well.exchange(well) == well) return;
  const char* held = _known.hold()->state == Known::State::good ? "; those read before stay" : "; nobody is trusted";
  _host->health().set("permissions", well ? State::ready : State::degraded, well ? fault : fault + held);
  if (well)
    _host->logger().notice("the trusted addresses have been read");
  else
    _host->logger().error("the trusted addresses cannot be used as they are" + std::string(held), {{"reason", fault}});
}

void PermissionsPlugin::require() const {
  if (!_database) throw Poco::ExistsException("no rule asks for trusted addresses: the table '" + _table.name + "' is not in use");
}

Answer PermissionsPlugin::add(const Arguments& arguments) {
  require();
  Trusted entry;
  if (!AddressList::readNetwork(textOf(arguments, "network"), entry))
    throw Poco::InvalidArgumentException("'" + textOf(arguments, "network") + "' is no address and no network");
  entry.group = Poco::NumberParser::parse64(Admin::argument(arguments, "group").value_or("1"));
  entry.port = static_cast<uint16_t>(Poco::NumberParser::parse(Admin::argument(arguments, "port").value_or("0")));
  if (const auto by = Admin::argument(arguments, "transport").value_or("any"); by != "any") entry.tag = "transport=" + by;
  auto failure = _database->read(_table, [&](const Data::Row& row) {
    if (const auto* id = std::get_if<int64_t>(&row[0])) entry.id = std::max(entry.id, *id);
  });
  ++entry.id;
  if (!failure) failure = Admin::commit([&](auto done) { _database->upsert(_table, AddressList::rowOf(entry), std::move(done)); });
  return failure ? Admin::refusal(failure) : reload();
}

Answer PermissionsPlugin::remove(const Arguments& arguments) {
  require();
  const int64_t id = Poco::NumberParser::parse64(textOf(arguments, "id"));
  bool found = false;
  auto failure = _database->read(_table, [&](const Data::Row& row) {
    const auto* own = std::get_if<int64_t>(&row[0]);
    found |= own && *own == id;
  });
  if (!failure && !found) throw Poco::NotFoundException("there is no trusted network " + std::to_string(id));
  if (!failure) failure = Admin::commit([&](auto done) { _database->remove(_table, {id}, std::move(done)); });
  return failure ? Admin::refusal(failure) : reload();
}

Answer PermissionsPlugin::reload() {
  require();
  const std::string fault = load();
  tell(fault);
  return fault.empty() ? show() : Admin::refusal(409, fault);
}

Answer PermissionsPlugin::show() const {
  Poco::JSON::Array::Ptr networks = new Poco::JSON::Array;
  const auto known = _known.hold();
  for (const auto& entry : known->list.entries()) networks->add(jsonOf(entry));
  Poco::JSON::Object::Ptr body = new Poco::JSON::Object;
  body->set("state", known->state == Known::State::good ? "good" : known->state == Known::State::closed ? "closed" : "unknown");
  body->set("addresses", networks);
  return {200, body};
}

}  // namespace Patchbay::Permissions
