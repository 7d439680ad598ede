#include "Probes.h"

#include <Poco/Exception.h>
#include <Poco/JSON/Array.h>

#include "patchbay/runtime/Ask.h"

namespace Patchbay::Tm {

namespace {

using Admin::Answer;
using Pipeline::Parameter;
using Pipeline::Type;
using Poco::JSON::Object;

constexpr auto Grace = std::chrono::seconds(5);  ///< for the name server and the worker

struct Outcome {
  int code = 0;
  std::string reason;
  Runtime::Duration took{};
};
using Awaited = Runtime::Reply<Outcome>;
constexpr int NotSent = 0;

/// Deletes itself with the final answer.
class ProbeAnswers : public Answers {
 public:
  ProbeAnswers(Awaited reply, Runtime::Instant began) : _reply(std::move(reply)), _began(began) {}
  void answer(int code, Core::Received* reply) override {
    if (code < 200) return;
    _reply.give({code, reply ? std::string(reply->message.reason()) : "no answer", std::chrono::steady_clock::now() - _began});
    delete this;
  }

 private:
  const Awaited _reply;
  const Runtime::Instant _began;
};

/// The texts of a request, which live until it is sent.
struct Probe {
  std::string method, from, to, lines;
  Runtime::Duration timeout;
  Core::Location target;

  Outgoing outgoing() const {
    Outgoing out{.method = method, .requestUri = target.uri, .nextHop = target.nextHop, .from = from, .to = to, .lines = lines};
    out.timeout = timeout;
    out.flow = target.flow;
    return out;
  }
};

/// By the first of the Path's URIs, which all become Route (RFC 3327, 5.3).
void follow(Core::Location& target, std::string& lines) {
  if (target.path.empty()) return;
  Parser::ListValues values(target.path);
  const auto first = values.next();
  if (const auto address = first ? Parser::parseAddress(*first) : std::nullopt) target.nextHop = std::string(address->uriText);
  lines += "Route: " + target.path + "\r\n";
}

std::string uriOf(const std::string& given) {
  const std::string text = given.starts_with("sip:") || given.starts_with("sips:") ? given : "sip:" + given;
  const auto uri = Parser::Uri::parse(text);
  if (!uri || !uri->isSip()) throw Poco::InvalidArgumentException("'" + given + "' is no SIP URI such as sip:gateway.example.org");
  return text;
}

Object rowOf(const std::string& uri, const std::optional<Outcome>& outcome) {
  Object row(Poco::JSON_PRESERVE_KEY_ORDER);
  row.set("uri", uri);
  const bool sent = !outcome || outcome->code != NotSent;
  row.set("code", !sent ? 503 : outcome ? outcome->code : 408);
  row.set("reason", !sent ? "cannot be sent: no address, or no listener of its protocol" : outcome ? outcome->reason : "no answer");
  if (outcome && sent) row.set("milliseconds", std::chrono::duration<double, std::milli>(outcome->took).count());
  return row;
}

}  // namespace

std::string Probes::domain() const {
  const std::string first = _transactions.core().defaultDomain();
  return first.empty() ? _transactions.transport().listeners().front().host : first;
}

/// A user of ours: where his telephones are. All else: there.
std::vector<Core::Location> Probes::targetsOf(const std::string& text) const {
  const auto uri = Parser::Uri::parse(text);
  if (!_transactions.core().isMyself(*uri)) return {{text, {}, {}, {}}};
  if (uri->user.empty() || !_locations) throw Poco::InvalidArgumentException(text + " is this server itself");
  return _locations->of(*uri);
}

Answer Probes::send(const Arguments& arguments, const std::string& method, const std::string& lines) const {
  const std::string uri = uriOf(arguments.at("uri"));
  const auto timeout = *Pipeline::parseDuration(arguments.at("timeout"));
  const auto targets = targetsOf(uri);
  std::vector<Awaited> replies(targets.size());
  auto& worker = _environment->workers.at(0);
  for (size_t i = 0; i < targets.size(); ++i) {
    Probe probe{method, "<sip:server@" + domain() + ">", "<" + uri + ">", lines, timeout, targets[i]};
    follow(probe.target, probe.lines);
    worker.post([probe = std::move(probe), reply = replies[i], &transactions = _transactions] {
      auto answers = std::make_unique<ProbeAnswers>(reply, std::chrono::steady_clock::now());
      if (transactions.send(probe.outgoing(), *answers))
        (void)answers.release();
      else
        reply.give({NotSent, {}, {}});
    });
  }
  const auto until = std::chrono::steady_clock::now() + timeout + Grace;
  Poco::JSON::Array rows;
  for (size_t i = 0; i < targets.size(); ++i)
    rows.add(rowOf(targets[i].uri, replies[i].wait(std::max<Runtime::Duration>(until - std::chrono::steady_clock::now(), {}))));
  return {200, rows};
}

Answer Probes::notify(const Arguments& arguments, const std::string& event) const {
  if (!Parser::isToken(event)) throw Poco::InvalidArgumentException("'" + event + "' is no name of an event such as check-sync");
  return send(arguments, "NOTIFY", "Event: " + event + "\r\nSubscription-State: terminated\r\n");
}

std::vector<Admin::Operation> Probes::operations() {
  const Parameter timeout{"timeout", Type::duration, "how long to wait for an answer", false, "4s", 1'000'000, 32'000'000'000};
  const Parameter uri{"uri", Type::text, "whom: a SIP URI, user@host or host; a user of ours is reached at his contacts", true};
  const Parameter event{"event", Type::text, "the event, such as check-sync", true};
  const auto operation = [](std::string name, std::string summary, std::vector<Parameter> parameters, auto run) {
    return Admin::Operation{.name = name,
                            .summary = std::move(summary),
                            .method = "POST",
                            .path = "/" + name,
                            .parameters = std::move(parameters),
                            .role = Admin::Role::operate,
                            .audited = true,
                            .effects = Pipeline::sends,
                            .run = std::move(run),
                            .columns = {"uri", "code", "reason", "milliseconds"}};
  };
  return {operation("ping", "Sends an OPTIONS from the server and tells what came back, and after how long.", {uri, timeout},
                    [this](const Arguments& arguments) { return send(arguments, "OPTIONS", "Accept: application/sdp\r\n"); }),
          operation("notify", "Sends a NOTIFY with that event to a telephone, and tells what came back.", {uri, event, timeout},
                    [this](const Arguments& arguments) { return notify(arguments, arguments.at("event")); }),
          operation("cisco_restart", "Has a telephone read its configuration again: a NOTIFY with the event check-sync.", {uri, timeout},
                    [this](const Arguments& arguments) { return notify(arguments, "check-sync"); })};
}

}  // namespace Patchbay::Tm
