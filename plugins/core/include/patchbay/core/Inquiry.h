#pragma once

#include <string>
#include <utility>
#include <vector>

#include "patchbay/data/Database.h"
#include "patchbay/pipeline/Machine.h"

namespace Patchbay::Core {

/// Longer than the database takes by itself (its URL's `timeout`): a lost answer must not hold a request for ever.
constexpr Runtime::Duration InquiryDeadline = std::chrono::seconds(5);

/// Asks the database for an action, whose machine waits: `judge(rows)` gives the verdict, on the machine's worker and only while it still
/// waits. It must own what it uses, since the request's octets may move. A failure is an error, never a no. The action returns what this
/// returns.
template <class Judge>
Pipeline::Verdict inquire(Pipeline::Machine& machine, Data::Database& database, const Data::Table& table,
                          const std::vector<std::string>& columns, Data::Row values, Judge judge) {
  const Pipeline::Ticket ticket = machine.suspend(InquiryDeadline);
  database.query(table, columns, std::move(values), [ticket, judge = std::move(judge)](Data::Result&& result) {
    Pipeline::Ticket once = ticket;
    if (!once.awaited()) return;
    if (result.failure)
      once.resume(Pipeline::Verdict::error, result.failure.text);
    else
      once.resume(judge(result.rows));
  });
  return Pipeline::Verdict::suspended;
}

}  // namespace Patchbay::Core
