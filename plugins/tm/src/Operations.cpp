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

std::vector<Admin::Operation> Operations::all() {
  const Pipeline::Parameter limit{"limit", Type::integer, "how many at most", false, "100", 1, 10000};
  return {{.name = "transactions",
           .summary = "The server transactions that there are.",
           .path = "/transactions",
           .parameters = {{"call_id", Type::text, "only those of this Call-ID"}, limit},
           .run = [this](const Admin::Arguments& arguments) { return list(arguments); },
           .columns = {"transactions", "shown", "method", "state", "final", "branches", "open", "call_id", "upstream"}}};
}

}  // namespace Patchbay::Tm
