#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "Queries.h"

namespace Patchbay::Data {

/// The questions of one worker: those of one turn are handed over together, and each has its answer in time, whatever the database does.
/// Used on its worker only.
class Asker : private Runtime::Flusher, private Runtime::Ticker {
 public:
  Asker(Runtime::Worker& worker, std::shared_ptr<Queries> queries, std::shared_ptr<Sessions> sessions);
  ~Asker() override;
  Runtime::Worker& worker() { return _worker; }
  void ask(AskPointer ask);

 private:
  void flush() override;
  std::optional<Runtime::Instant> nextDue() override;
  void tick(Runtime::Instant now) override;
  void fail(const AskPointer& ask, const Failure& failure);

  Runtime::Worker& _worker;
  const std::shared_ptr<Queries> _queries;
  const std::shared_ptr<Sessions> _sessions;
  std::vector<AskPointer> _collected;  // in this turn
  std::deque<AskPointer> _open;        // by deadline, which is by age
};

}  // namespace Patchbay::Data
