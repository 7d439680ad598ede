#include "GroupPlugin.h"

#include <Poco/Exception.h>

#include "patchbay/core/Core.h"
#include "patchbay/core/Inquiry.h"

namespace Patchbay::Group {

using Pipeline::Type;
using Pipeline::Verdict;

namespace {

enum class Subject : uint8_t { requestUri, from, to, credentials };

Subject subjectOf(const std::string& name) {
  if (name == "From") return Subject::from;
  if (name == "To") return Subject::to;
  return name == "Credentials" ? Subject::credentials : Subject::requestUri;
}

class IsUserIn : public Pipeline::Action {
 public:
  IsUserIn(const Groups& groups, Pipeline::Binding& binding)
      : _groups(groups), _subject(subjectOf(binding.text("subject").constant())), _group(binding.text("group")) {}

  Verdict run(Pipeline::Machine& machine) override {
    const auto account = accountOf(machine.subject<Core::Request>()).folded(_groups.core());
    if (!account) return Verdict::no;
    static const std::vector<std::string> columns{"username", "grp"};
    Data::Row values{account.name, std::string(_group.get(machine))};
    return Core::inquire(machine, _groups.database(), _groups.table(), columns, std::move(values),
                         [this, account](const auto& rows) { return _groups.isMember(rows, account) ? Verdict::yes : Verdict::no; });
  }

 private:
  Core::Account accountOf(Core::Request& request) const {
    if (_subject == Subject::credentials) {
      const auto& identity = request.origin().identity;
      return {std::string(identity.user), Core::lower(identity.realm)};
    }
    if (_subject == Subject::requestUri) {
      const auto* uri = request.uri();
      return uri ? Core::Account::of(*uri) : Core::Account();
    }
    const auto* address = _subject == Subject::from ? request.message.from() : request.message.to();
    return address ? Core::Account::of(address->uri) : Core::Account();
  }
  const Groups& _groups;
  Subject _subject;
  Pipeline::TextArgument _group;
};

}  // namespace

Pipeline::ActionDeclaration GroupPlugin::isUserIn() {
  Pipeline::Parameter subject{.name = "subject",
                              .type = Type::text,
                              .summary =
                                  "Whose user is asked for: that of the Request-URI as it is now, of From, of To, or who proved by "
                                  "credentials who he is.",
                              .required = true,
                              .choices = {"Request-URI", "From", "To", "Credentials"},
                              .constant = true};
  return {.name = "is_user_in",
          .summary =
              "Whether a user is in a group. Asks the database each time, so that what is granted or revoked counts at once; error, "
              "not no, when it does not answer.",
          .parameters = {std::move(subject), {.name = "group", .type = Type::text, .summary = "The group.", .required = true}},
          .entries = {"request", "branch", "failure"},
          .step = false,
          .predicate = true,
          .suspends = true,
          .yes = "he is",
          .no = "he is not, or there is no such user",
          .bind = [this](Pipeline::Binding& binding) {
            if (!_asked && _started) open();  // a rule that came with a reload
            _asked = true;
            return std::make_unique<IsUserIn>(_groups, binding);
          }};
}

void GroupPlugin::describe(Bundle::Declaration& declaration) {
  declaration.settings = {
      {.name = "table", .type = Type::text, .summary = "The table of members, with the columns of Kamailio's grp.", .fallback = "grp"},
      {.name = "groups",
       .type = Type::list,
       .summary = "The groups that acl grant knows; empty: any name.",
       .fallback = "local, ld, int, voicemail, free-pstn"},
      {.name = "default_domain",
       .type = Type::text,
       .summary = "The domain of rows that have none. Without it, they are left alone.",
       .fallback = ""},
  };
  declaration.actions = {isUserIn()};
  declaration.operations = _groups.operations();
}

void GroupPlugin::configure(Bundle::Host& host) {
  _host = &host;
  const auto& settings = host.settings();
  _groups.configure({settings.text("table"), Core::lower(settings.text("default_domain")), settings.list("groups")});
}

void GroupPlugin::bind(Bundle::Host& host) {
  if (auto* accounts = host.services().findOptional<Core::Accounts>()) {
    accounts->add(_groups);
    _groups.ask(*accounts);
  }
}

void GroupPlugin::open() {
  auto& database = _host->services().find<Data::Database>();
  if (const auto failure = database.open(_groups.table())) throw Poco::DataException(failure.text);
  _groups.use(database, _host->environment().clock, _host->services().find<Core::Service>());
}

void GroupPlugin::start() {
  _started = true;
  if (_asked) open();
}

}  // namespace Patchbay::Group
