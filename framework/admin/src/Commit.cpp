#include "patchbay/admin/Commit.h"

#include "patchbay/runtime/Ask.h"

namespace Patchbay::Admin {

Data::Failure commit(const std::function<void(Data::Database::Committed)>& change) {
  const Runtime::Reply<Data::Failure> reply;
  change([reply](const Data::Failure& failure) { reply.give(failure); });
  const auto outcome = reply.wait(std::chrono::seconds(5));
  if (outcome) return *outcome;
  return {Data::Failure::Kind::timeout, "no answer within 5 s; the change waits, and is written when the database takes it"};
}

Answer refusal(const Data::Failure& failure) {
  using Kind = Data::Failure::Kind;
  const bool away = failure.kind == Kind::timeout || failure.kind == Kind::unreachable || failure.kind == Kind::full;
  return refusal(away ? 503 : 500, "the database: " + failure.text);
}

}  // namespace Patchbay::Admin
