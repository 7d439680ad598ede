#include "Operations.h"

#include <Poco/Exception.h>
#include <Poco/JSON/Array.h>

#include "ServerTransaction.h"
#include "patchbay/runtime/Ask.h"

namespace Patchbay::Tm {

namespace {

using Admin::Answer;
using Pipeline::Type;
using Poco::JSON::Array;
using Poco::JSON::Object;

constexpr auto AskDeadline = std::chrono::seconds(2);

const char* nameOf(ServerTransaction::State state) {
  static constexpr const char* names[] = {"trying", "proceeding", "completed", "confirmed", "accepted", "over"};
  return names[static_cast<size_t>(state)];
}

Object written(const ServerTransaction& transaction) {
  Object row(Poco::JSON_PRESERVE_KEY_ORDER);
  row.set("kind", transaction.invite ? "INVITE" : "other");
  row.set("state", nameOf(transaction.state));
  row.set("branches", static_cast<int>(transaction.branches));
  row.set("open", static_cast<int>(transaction.open));
  if (transaction.finalCode != 0) row.set("final", static_cast<int>(transaction.finalCode));
  if (transaction.request) {
    row.set("method", std::string(transaction.request->message.methodText()));
    row.set("call_id", std::string(transaction.request->message.callId()));
  }
  row.set("upstream", transaction.upstream.peer.toString());
  return row;
}

struct Ping {
  int code = 0;
  std::string reason;
  Runtime::Duration took{};
};

/// Deletes itself with the final answer.
class PingAnswers : public Answers {
 public:
  PingAnswers(Runtime::Reply<Ping> reply, Runtime::Instant began) : _reply(std::move(reply)), _began(began) {}
  void answer(int code, Core::Received* reply) override {
    if (code < 200) return;
    _reply.give({code, reply ? std::string(reply->message.reason()) : "", std::chrono::steady_clock::now() - _began});
    delete this;
  }

 private:
  const Runtime::Reply<Ping> _reply;
  const Runtime::Instant _began;
};

std::string targetOf(const std::string& given) {
  const std::string text = given.starts_with("sip:") || given.starts_with("sips:") ? given : "sip:" + given;
  const auto uri = Parser::Uri::parse(text);
  if (!uri || !uri->isSip()) throw Poco::InvalidArgumentException("'" + given + "' is no SIP URI such as sip:gateway.example.org");
  return text;
}

}  // namespace

Answer Operations::list(const Admin::Arguments& arguments) {
  const auto most = static_cast<size_t>(*Pipeline::parseInteger(arguments.at("limit")));
  const auto callId = Admin::argument(arguments, "call_id");
  Array rows;
  for (size_t i = 0; i < Shards::Count && rows.size() < most; ++i)
    for (const auto& found : Runtime::askAll(
             _environment->workers, [this, i, most, callId](Runtime::Worker& worker) { return inShard(worker, i, most, callId); },
             AskDeadline))
      for (size_t row = 0; found && row < found->size() && rows.size() < most; ++row) rows.add((*found)[row]);
  Object out(Poco::JSON_PRESERVE_KEY_ORDER);
  out.set("transactions", static_cast<int64_t>(_transactions.transactions()));
  out.set("shown", rows);
  return {200, out};
}

/// Those of the worker that is asked, since a request may be read on its home worker only; a shard at a time, so that no worker is held up.
std::vector<Object> Operations::inShard(Runtime::Worker& worker, size_t index, size_t most, const std::optional<std::string>& callId) {
  std::vector<Object> rows;
  Shard& shard = _transactions.shards().at(index);
  std::lock_guard<std::mutex> lock(shard.mutex);
  shard.servers.each([&](const ServerTransaction& transaction) {
    if (rows.size() >= most || &transaction.home != &worker) return;
    if (callId && !(transaction.request && transaction.request->message.callId() == *callId)) return;
    rows.push_back(written(transaction));
  });
  return rows;
}

Answer Operations::ping(const Admin::Arguments& arguments) {
  const std::string uri = targetOf(arguments.at("uri"));
  const auto timeout = *Pipeline::parseDuration(arguments.at("timeout"));
  const Runtime::Reply<Ping> reply;
  const auto send = [this, uri, timeout, reply](Runtime::Worker&) {
    std::string domain = _transactions.core().defaultDomain();
    if (domain.empty()) domain = _transactions.transport().listeners().front().host;
    const std::string from = "<sip:ping@" + domain + ">", to = "<" + uri + ">";
    auto answers = std::make_unique<PingAnswers>(reply, std::chrono::steady_clock::now());
    Outgoing options{
        .method = "OPTIONS", .requestUri = uri, .from = from, .to = to, .lines = "Accept: application/sdp\r\n", .timeout = timeout};
    if (_transactions.send(options, *answers))
      (void)answers.release();
    else
      reply.give({-1, "", {}});
  };
  _environment->workers.at(0).post([send, &worker = _environment->workers.at(0)] { send(worker); });
  const auto result = reply.wait(timeout + std::chrono::seconds(5));
  if (result && result->code < 0)
    throw Poco::InvalidArgumentException(uri + " cannot be reached: no address, no listener of its protocol, or this server itself");
  Object out(Poco::JSON_PRESERVE_KEY_ORDER);
  out.set("uri", uri);
  out.set("code", result ? result->code : 408);
  out.set("reason", result && !result->reason.empty() ? result->reason : "no answer");
  if (result) out.set("milliseconds", std::chrono::duration<double, std::milli>(result->took).count());
  return {200, out};
}

std::vector<Admin::Operation> Operations::all() {
  const Pipeline::Parameter limit{"limit", Type::integer, "how many at most", false, "100", 1, 10000};
  const Pipeline::Parameter timeout{"timeout", Type::duration, "how long to wait for an answer", false, "4s", 1'000'000, 32'000'000'000};
  return {{.name = "transactions",
           .summary = "The server transactions that there are.",
           .path = "/transactions",
           .parameters = {{"call_id", Type::text, "only those of this Call-ID"}, limit},
           .run = [this](const Admin::Arguments& arguments) { return list(arguments); },
           .columns = {"transactions", "shown", "method", "state", "final", "branches", "open", "call_id", "upstream"}},
          {.name = "ping",
           .summary = "Sends an OPTIONS from the server and tells what came back, and after how long.",
           .method = "POST",
           .path = "/ping",
           .parameters = {{"uri", Type::text, "whom: a SIP URI, user@host or host", true}, timeout},
           .role = Admin::Role::operate,
           .audited = true,
           .effects = Pipeline::sends,
           .run = [this](const Admin::Arguments& arguments) { return ping(arguments); },
           .columns = {"uri", "code", "reason", "milliseconds"}}};
}

}  // namespace Patchbay::Tm
