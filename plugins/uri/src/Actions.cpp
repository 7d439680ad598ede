#include "Actions.h"

#include "patchbay/core/Inquiry.h"
#include "patchbay/core/Request.h"
#include "patchbay/parser/Names.h"

namespace Patchbay::Uris {

namespace {

using Pipeline::Verdict;

constexpr std::string_view Preferred = "P-Preferred-Identity";

class Check : public Pipeline::Action {
 public:
  Check(const UriPlugin& plugin, Field field) : _plugin(plugin), _field(field) {}

  Verdict run(Pipeline::Machine& machine) override {
    auto& request = machine.subject<Core::Request>();
    const auto& identity = request.origin().identity;
    const auto* address = _field == Field::from ? request.message.from() : request.message.to();
    if (!identity || !address || !address->uri.isSip() || address->uri.user.empty()) return Verdict::no;
    if (!isOfRealm(address->uri.host, identity.realm)) return Verdict::no;
    if (_field == Field::from && !prefersHimself(request.message, identity, *address)) return Verdict::no;
    if (address->uri.user == identity.user) return Verdict::yes;  // nothing escaped: the usual case
    auto used = Core::Account::of(address->uri);
    if (used.name == identity.user) return Verdict::yes;
    return used && _plugin.usesMapping() ? ask(machine, identity, std::move(used.name)) : Verdict::no;
  }

 private:
  /// By any of its names.
  bool isOfRealm(std::string_view host, std::string_view realm) const {
    if (Parser::equalIgnoringCase(host, realm)) return true;
    Core::DomainName room, other;
    return Parser::equalIgnoringCase(_plugin.core().mainDomain(host, room), _plugin.core().mainDomain(realm, other));
  }
  /// Whether each P-Preferred-Identity (RFC 3325) is of who proved who he is, or the same as From, which is then looked at by itself:
  /// whoever trusts us would take it for who calls.
  bool prefersHimself(const Parser::Message& message, const Core::Identity& identity, const Parser::Address& from) const {
    for (const auto* header = message.find(Preferred); header; header = message.find(Preferred, header)) {
      Parser::ListValues values(message.text(header->value));
      auto value = values.next();
      if (!value) return false;
      for (; value; value = values.next()) {
        const auto preferred = Parser::parseAddress(*value);
        if (!preferred || !preferred->uri.isSip() || !isOfRealm(preferred->uri.host, identity.realm)) return false;
        const auto name = Core::Account::of(preferred->uri).name;
        if (name.empty() || (name != identity.user && name != Core::Account::of(from.uri).name)) return false;
      }
      if (values.broken()) return false;
    }
    return true;
  }
  Verdict ask(Pipeline::Machine& machine, const Core::Identity& identity, std::string name) const {
    static const std::vector<std::string> columns{"username", "uri_user"};
    const auto owner = Core::Account{std::string(identity.user), Core::lower(identity.realm)}.folded(_plugin.core());
    Data::Row values{owner.name, name};
    return Core::inquire(machine, _plugin.database(), _plugin.mapping().table(), columns, std::move(values),
                         [&mapping = _plugin.mapping(), owner, name = std::move(name)](const auto& rows) {
                           return mapping.allows(rows, owner, name) ? Verdict::yes : Verdict::no;
                         });
  }
  const UriPlugin& _plugin;
  Field _field;
};

/// Users first, then further names. The second question is asked when the first has said no.
class Exists : public Pipeline::Action {
 public:
  explicit Exists(const UriPlugin& plugin) : _plugin(plugin) {}

  Verdict run(Pipeline::Machine& machine) override {
    const auto* uri = machine.subject<Core::Request>().uri();
    auto wanted = (uri ? Core::Account::of(*uri) : Core::Account()).folded(_plugin.core());
    if (!wanted) return Verdict::no;
    static const std::vector<std::string> columns{"username"};
    const auto ticket = machine.suspend(Core::InquiryDeadline);
    Data::Row values{wanted.name};
    _plugin.database().query(
        _plugin.users(), columns, std::move(values),
        [ticket, wanted = std::move(wanted), &plugin = _plugin](Data::Result&& result) { first(ticket, wanted, plugin, result); });
    return Verdict::suspended;
  }

 private:
  static void first(Pipeline::Ticket ticket, const Core::Account& wanted, const UriPlugin& plugin, const Data::Result& result) {
    if (!ticket.awaited()) return;
    if (result.failure) return ticket.resume(Verdict::error, result.failure.text);
    for (const auto& row : result.rows)
      if (row.size() > 1 && wanted.isOf(row[0], row[1], plugin.mapping().rowDomain())) return ticket.resume(Verdict::yes);
    if (!plugin.usesMapping()) return ticket.resume(Verdict::no);
    static const std::vector<std::string> columns{"uri_user"};
    plugin.database().query(plugin.mapping().table(), columns, {wanted.name}, [ticket, wanted, &plugin](Data::Result&& more) {
      Pipeline::Ticket once = ticket;
      if (!once.awaited()) return;
      if (more.failure) return once.resume(Verdict::error, more.failure.text);
      once.resume(plugin.mapping().has(more.rows, wanted) ? Verdict::yes : Verdict::no);
    });
  }
  const UriPlugin& _plugin;
};

}  // namespace

Pipeline::ActionDeclaration checkAction(const UriPlugin& plugin, Field field) {
  const bool from = field == Field::from;
  return {.name = from ? "check_from" : "check_to",
          .summary = std::string("Whether ") + (from ? "From (and P-Preferred-Identity, when there is one)" : "To") +
                     " is an address of who proved who he is: his own, or with use_table one that the table uri gives him.",
          .entries = {"request", "failure"},
          .step = false,
          .predicate = true,
          .suspends = true,
          .yes = "it is his",
          .no = "it is another's, or nobody has proved anything",
          .bind = [&plugin, field](Pipeline::Binding&) { return std::make_unique<Check>(plugin, field); }};
}

Pipeline::ActionDeclaration existsAction(const UriPlugin& plugin, std::function<void()> ask) {
  return {.name = "does_uri_exist",
          .summary =
              "Whether the user of the Request-URI is there, registered or not: in the table of users, or with use_table among their "
              "further names.",
          .entries = {"request", "branch", "failure"},
          .step = false,
          .predicate = true,
          .suspends = true,
          .yes = "there is such a user",
          .no = "there is none",
          .bind = [&plugin, ask = std::move(ask)](Pipeline::Binding&) {
            ask();
            return std::make_unique<Exists>(plugin);
          }};
}

}  // namespace Patchbay::Uris
