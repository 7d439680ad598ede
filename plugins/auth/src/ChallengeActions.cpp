#include "ChallengeActions.h"

namespace Patchbay::Auth {

namespace {

using Parser::HeaderId;
using Pipeline::Type;
using Pipeline::Verdict;

constexpr size_t LongestRealm = 255;

/// 401 or 407 with a challenge for each algorithm; 403 when the client has failed too often.
class Challenge : public Pipeline::Action {
 public:
  Challenge(Means& means, Side side, Pipeline::Binding& binding)
      : _means(means), _side(side), _realm(binding.text("realm")), _qop(binding.boolean("qop")), _marks(Marks::of(binding)) {}

  Verdict run(Pipeline::Machine& machine) override {
    auto& request = machine.subject<Core::Request>();
    const std::string_view realm = _realm.get(machine);
    if (!isRealm(realm)) return machine.fail("the realm is empty, too long, or holds quotes or control characters");
    if (machine.dry()) return Verdict::settled;
    if ((request.origin().flags & _marks.refused) != 0) {
      _means.core->answer(request, {.code = 403, .reason = "Too Many Failures"});
      return Verdict::settled;
    }
    char room[AlgorithmCount * (LongestRealm + Nonces::Length + 128)];
    Parser::Writer lines(room, sizeof room);
    write(machine, request, realm, lines);
    _means.challenges->add();
    _means.authenticator->challenged(request);
    _means.core->answer(request, {.code = _side == Side::www ? 401 : 407, .lines = lines.written()});
    return Verdict::settled;
  }

 private:
  /// One nonce does for all: the client chooses one of them.
  void write(Pipeline::Machine& machine, Core::Request& request, std::string_view realm, Parser::Writer& lines) const {
    char nonce[Nonces::Length];
    auto& worker = machine.worker();
    _means.authenticator->nonces().write(realm, request.flow.peer.address, worker.wall(), worker.random(), nonce);
    const bool stale = (request.origin().flags & _marks.stale) != 0;
    for (const Algorithm algorithm : _means.authenticator->offered()) {
      lines.raw(_side == Side::www ? "WWW-Authenticate" : "Proxy-Authenticate");
      lines.raw(": Digest realm=\"").text(realm).raw("\", nonce=\"").raw({nonce, sizeof nonce}).raw("\", algorithm=");
      lines.raw(nameOf(algorithm)).raw(_qop ? ", qop=\"auth\"" : "").raw(stale ? ", stale=true\r\n" : "\r\n");
    }
  }

  Means& _means;
  Side _side;
  Pipeline::TextArgument _realm;
  bool _qop;
  Marks _marks;
};

class Consume : public Pipeline::Action {
 public:
  Verdict run(Pipeline::Machine& machine) override {
    auto& request = machine.subject<Core::Request>();
    const auto& identity = request.origin().identity;
    if (!identity) return Verdict::yes;
    for (const HeaderId id : {HeaderId::authorization, HeaderId::proxyAuthorization}) remove(request, id, identity.realm);
    return Verdict::yes;
  }

 private:
  static void remove(Core::Request& request, HeaderId id, std::string_view realm) {
    auto& message = request.message;
    Credentials credentials;
    for (const auto* header = message.first(id); header; header = message.next(*header)) {
      credentials.parse(message.text(header->value));
      if (credentials.realm == realm) request.edits.removeHeader(*header);
    }
  }
};

}  // namespace

bool isRealm(std::string_view text) {
  return !text.empty() && text.size() <= LongestRealm && Parser::isHeaderSafe(text) && text.find_first_of("\"\\") == text.npos;
}

Pipeline::ActionDeclaration challengeAction(Means& means, Side side) {
  const bool www = side == Side::www;
  return {
      .name = www ? "www_challenge" : "proxy_challenge",
      .summary = std::string("Answers ") + (www ? "401" : "407") +
                 " with a challenge for each algorithm (RFC 7616, RFC 8760), stale=true when only the nonce was of no use; 403 when the "
                 "client has failed too often. Keeps nothing.",
      .parameters = {{.name = "realm", .type = Type::text, .summary = "As given to the authorising action.", .required = true},
                     {.name = "qop",
                      .type = Type::boolean,
                      .summary = "no: without qop, for clients of RFC 2069; each nonce is then good for one request.",
                      .fallback = "yes",
                      .constant = true}},
      .settles = true,
      .effects = Pipeline::answers,
      .bind = [&means, side](Pipeline::Binding& binding) { return std::make_unique<Challenge>(means, side, binding); }};
}

Pipeline::ActionDeclaration consumeAction() {
  return {.name = "consume_credentials",
          .summary = "Takes away the credentials by which the sender was authenticated, so that the next hop does not see them.",
          .effects = Pipeline::edits,
          .bind = [](Pipeline::Binding&) { return std::make_unique<Consume>(); }};
}

}  // namespace Patchbay::Auth
