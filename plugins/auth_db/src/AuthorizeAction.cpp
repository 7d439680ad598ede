#include "AuthorizeAction.h"

namespace Patchbay::AuthDb {

namespace {

using Pipeline::Type;
using Pipeline::Verdict;

class Authorize : public Pipeline::Action {
 public:
  Authorize(const Authorizing& authorizing, Auth::Side side, const Subscribers& table, Pipeline::Binding& binding)
      : _with(authorizing), _side(side), _table(table), _realm(binding.text("realm")), _marks(Auth::Marks::of(binding)) {}

  Verdict run(Pipeline::Machine& machine) override {
    auto& request = machine.subject<Core::Request>();
    auto& auth = *_with.means.auth;
    const std::string_view realm = _realm.get(machine);
    if (realm.empty()) return machine.fail("the realm is empty");
    if (machine.dry()) return auth.rehearse(request, realm, _side) ? Verdict::yes : Verdict::no;
    const auto claim = auth.examine(request, realm, _side, _marks);
    if (claim.state != Auth::Claim::State::sound) return Verdict::no;
    const auto key = cacheKeyOf(_with.cacheKey, _table.name(), claim.realm, claim.credentials.username, claim.credentials.algorithm);
    const auto found = _with.means.cache->find(key, machine.worker().now());
    const auto secret = found ? found->ha1.text() : auth.decoy(claim.credentials.algorithm);
    const bool right = auth.proves(request, claim, secret);
    if (right && found && found->fresh) {
      _with.means.cached->add();
      return auth.accept(request, claim, _marks) ? Verdict::yes : Verdict::no;
    }
    // also when what is cached does not fit: the password may have been changed, and a failure takes as long as for users unknown
    std::optional<Auth::HexDigest> kept;
    if (found) kept = found->ha1;
    return _with.attempts[machine.worker().index()]->begin(machine, request, {_table, _marks, claim, key, kept});
  }

 private:
  Authorizing _with;
  Auth::Side _side;
  const Subscribers& _table;
  Pipeline::TextArgument _realm;
  Auth::Marks _marks;
};

}  // namespace

CredentialCache::Key cacheKeyOf(const Runtime::SipHash::Key& key, std::string_view table, std::string_view realm, std::string_view username,
                                Auth::Algorithm algorithm) {
  Runtime::SipHash hash(key, Runtime::SipHash::Width::bits128);
  return hash.add(static_cast<uint64_t>(algorithm)).part(table).part(realm).part(username).finish128();
}

Pipeline::ActionDeclaration authorizeAction(const Authorizing& authorizing, Auth::Side side) {
  const bool www = side == Auth::Side::www;
  return {.name = www ? "www_authorize" : "proxy_authorize",
          .summary = std::string("Whether the sender proves by ") + (www ? "Authorization" : "Proxy-Authorization") +
                     " that he is a user of this realm; identity.user is then his name. Waits for the database unless the user was seen "
                     "lately; error, not no, when it does not answer.",
          .parameters = {{.name = "realm", .type = Type::text, .summary = "The realm, which is the users' domain.", .required = true},
                         {.name = "table",
                          .type = Type::text,
                          .summary = "The table of users, with the columns of Kamailio's subscriber.",
                          .fallback = "subscriber",
                          .constant = true}},
          .step = false,
          .predicate = true,
          .suspends = true,
          .effects = Pipeline::reads | Pipeline::changesState,
          .rehearses = true,
          .yes = "he has proved it",
          .no = "he has not: no credentials, wrong ones, ones used before, or too many failures; the challenge says which",
          .bind = [authorizing, side](Pipeline::Binding& binding) -> std::unique_ptr<Pipeline::Action> {
            const auto* table = authorizing.table(binding);
            return table ? std::make_unique<Authorize>(authorizing, side, *table, binding) : nullptr;
          }};
}

}  // namespace Patchbay::AuthDb
