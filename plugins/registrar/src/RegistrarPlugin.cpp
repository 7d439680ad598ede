#include "RegistrarPlugin.h"

#include "LookupAction.h"
#include "SaveAction.h"

namespace Patchbay::Registrar {

namespace {

using Pipeline::Type;

constexpr int64_t Second = 1000000000;
constexpr int64_t Year = 365 * 86400 * Second;

const Pipeline::Parameter TableParameter{
    .name = "table",
    .type = Type::text,
    .summary =
        "The location table: location, aliases, or any other name of letters, digits and underscores. It exists "
        "as long as a rule names it.",
    .fallback = "location",
    .constant = true};

std::vector<Pipeline::Parameter> settings() {
  return {
      {.name = "default_expires",
       .type = Type::duration,
       .summary = "How long a contact lives that says nothing, or nothing that is a number.",
       .fallback = "1h",
       .least = Second,
       .most = Year},
      {.name = "min_expires",
       .type = Type::duration,
       .summary = "Shorter ones are refused with 423 and Min-Expires. At most one hour (RFC 3261, 10.3).",
       .fallback = "1min",
       .least = Second,
       .most = 3600 * Second},
      {.name = "max_expires",
       .type = Type::duration,
       .summary = "Longer ones are cut to this.",
       .fallback = "1d",
       .least = Second,
       .most = Year},
      {.name = "max_contacts",
       .type = Type::integer,
       .summary = "How many contacts one address of record may have.",
       .fallback = "10",
       .least = 1,
       .most = 1000},
      {.name = "when_full",
       .type = Type::text,
       .summary = "What becomes of a contact over max_contacts: refuse answers 403, replace drops the oldest other one.",
       .fallback = "refuse",
       .choices = {"refuse", "replace"}},
      {.name = "least_port",
       .type = Type::integer,
       .summary = "Contacts with a smaller port are refused with 403: no phone listens there.",
       .fallback = "1024",
       .least = 1,
       .most = 65535},
      {.name = "refused_ports",
       .type = Type::list,
       .summary = "Contacts with these ports are refused with 403 unless they name a global address: what listens there in our own network "
                  "speaks no SIP. The admin endpoint's port, if it is another than 5088, belongs here.",
       .fallback = "3306, 5088, 5432"},
      {.name = "append_branches",
       .type = Type::boolean,
       .summary = "yes: lookup takes all contacts as targets, the one with the highest q first. no: only the first one.",
       .fallback = "yes"},
      {.name = "desc_time_order",
       .type = Type::boolean,
       .summary = "yes: the contact that was registered last comes first, whatever its q.",
       .fallback = "no"},
      {.name = "use_source",
       .type = Type::boolean,
       .summary = "yes: a contact that names another address than its REGISTER came from (a phone behind NAT) is kept, and reached by that "
                  "source. "
                  "no: the contact's own address is judged and used.",
       .fallback = "no"},
  };
}

bool isTableName(std::string_view name) {
  if (name.empty() || name.size() > 64 || (name[0] >= '0' && name[0] <= '9')) return false;
  for (const char c : name)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_')) return false;
  return true;
}

Policy::Seconds seconds(std::chrono::nanoseconds duration) {
  return static_cast<Policy::Seconds>(std::chrono::ceil<std::chrono::seconds>(duration).count());
}

}  // namespace

void RegistrarPlugin::describe(Bundle::Declaration& declaration) {
  declaration.settings = settings();
  for (const auto& setting : declaration.settings) declaration.live.push_back(setting.name);
  declaration.actions = {save(), lookup(), registered()};
  declaration.operations = _contacts.operations();
  for (auto& operation : _aliases.operations()) declaration.operations.push_back(std::move(operation));
  declaration.metrics = {
      {"registrar_accepted_total", "REGISTER requests answered with 200."},
      {"registrar_refused_total", "REGISTER requests that save answered with another code."},
      {"registrar_found_total", "Look-ups that found a contact."},
      {"registrar_missed_total", "Look-ups that found none."},
  };
}

Pipeline::ActionDeclaration RegistrarPlugin::save() {
  return {.name = "save",
          .summary =
              "Registers the contacts of a REGISTER (RFC 3261, 10.3) and answers it: 200 with the list of contacts, or 400, 403, 404, 420, "
              "423, 500, 503 (the location table is full). "
              "With a table that is written through, the 200 waits for the commit.",
          .parameters = {TableParameter},
          .settles = true,
          .suspends = true,
          .effects = Pipeline::reads | Pipeline::changesState | Pipeline::answers,
          .bind = [this](Pipeline::Binding& binding) -> std::unique_ptr<Pipeline::Action> {
            auto* bound = table(binding);
            return bound ? std::make_unique<SaveAction>(_services, *bound) : nullptr;
          }};
}

Pipeline::ActionDeclaration RegistrarPlugin::lookup() {
  return {.name = "lookup",
          .summary = "Makes the Request-URI the contact of its user, and further contacts further targets. Error while the table loads.",
          .parameters = {TableParameter},
          .entries = {"request", "failure"},
          .predicate = true,
          .effects = Pipeline::reads | Pipeline::edits,
          .yes = "the user has a contact",
          .no = "the user has none; nothing changes",
          .bind = [this](Pipeline::Binding& binding) -> std::unique_ptr<Pipeline::Action> {
            auto* bound = table(binding);
            return bound ? std::make_unique<LookupAction>(_services, *bound) : nullptr;
          }};
}

Pipeline::ActionDeclaration RegistrarPlugin::registered() {
  return {
      .name = "registered",
      .summary = "Whether the user of a URI has a contact. Changes nothing. Error while the table loads.",
      .parameters = {TableParameter, {.name = "uri", .type = Type::text, .summary = "The URI to ask for; without it, the Request-URI."}},
      .entries = {"request", "failure"},
      .step = false,
      .predicate = true,
      .yes = "the user has a contact",
      .no = "the user has none",
      .bind = [this](Pipeline::Binding& binding) -> std::unique_ptr<Pipeline::Action> {
        auto* bound = table(binding);
        return bound ? std::make_unique<RegisteredAction>(_services, *bound, binding.text("uri"), binding.given("uri")) : nullptr;
      }};
}

/// REQ 47: a table exists while a rule names it.
Usrloc::Table* RegistrarPlugin::table(Pipeline::Binding& binding) {
  const std::string name = binding.text("table").constant();
  if (isTableName(name)) return &_services.usrloc->table(name);
  binding.error("table '" + name + "': a table's name is letters, digits and underscores, at most 64, and begins with no digit");
  return nullptr;
}

/// Problems go to the host.
std::shared_ptr<const Policy> RegistrarPlugin::policyOf(Bundle::Host& host) {
  const auto& settings = host.settings();
  const auto made = std::make_shared<Policy>();
  Policy& policy = *made;
  policy.defaultExpires = seconds(settings.duration("default_expires"));
  policy.minExpires = seconds(settings.duration("min_expires"));
  policy.maxExpires = seconds(settings.duration("max_expires"));
  policy.maxContacts = static_cast<uint32_t>(settings.integer("max_contacts"));
  policy.replaceOldest = settings.text("when_full") == "replace";
  policy.leastPort = static_cast<uint16_t>(settings.integer("least_port"));
  policy.refusedPorts.clear();
  for (const auto& text : settings.list("refused_ports")) {
    const auto port = Parser::parseNumber(text);
    if (!port || *port == 0 || *port > 65535) host.problem("refused_ports", "'" + text + "' is no port");
    policy.refusedPorts.push_back(static_cast<uint16_t>(port.value_or(0)));
  }
  policy.appendBranches = settings.boolean("append_branches");
  policy.descTimeOrder = settings.boolean("desc_time_order");
  policy.useSource = settings.boolean("use_source");
  if (policy.minExpires > policy.maxExpires) host.problem("min_expires", "min_expires is more than max_expires");
  if (policy.defaultExpires < policy.minExpires || policy.defaultExpires > policy.maxExpires)
    host.problem("default_expires", "default_expires is not between min_expires and max_expires");
  return made;
}

/// The rules that are bound next take it; those that run keep theirs.
void RegistrarPlugin::prepare(Bundle::Host& next) {
  _before = std::exchange(_services.policy, policyOf(next));
}

void RegistrarPlugin::discard() noexcept {
  if (_before) _services.policy = std::move(_before);
}

void RegistrarPlugin::configure(Bundle::Host& host) {
  _services.policy = policyOf(host);
  host.services().provide<Core::Locations>(_contacts);
  _services.accepted = &host.counter("registrar_accepted_total");
  _services.refused = &host.counter("registrar_refused_total");
  _services.found = &host.counter("registrar_found_total");
  _services.missed = &host.counter("registrar_missed_total");
}

void RegistrarPlugin::bind(Bundle::Host& host) {
  _services.core = &host.services().find<Core::Service>();
  _services.usrloc = &host.services().find<Usrloc::Service>();
  _services.transport = &host.services().find<Transport::Service>();
  const OperatorsServices operators{_services.core, _services.usrloc, _services.transport, &host.environment()};
  _contacts.bind(operators);
  _aliases.bind(operators);
  if (auto* accounts = host.services().findOptional<Core::Accounts>()) accounts->add(_contacts);
  auto& random = host.environment().random;
  _services.removals = std::make_unique<Removals>(Runtime::SipHash::Key{random.next(), random.next()});
}

}  // namespace Patchbay::Registrar
