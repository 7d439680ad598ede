#include "Queries.h"

#include <algorithm>

namespace Patchbay::Data {

Queries::Queries(Runtime::Environment& environment, std::shared_ptr<Sessions> sessions)
    : _environment(environment),
      _sessions(std::move(sessions)),
      _queries(environment.metrics.counter("data_queries_total", "Queries sent to the database.")),
      _asks(environment.metrics.counter("data_asked_total", "Questions that the queries carried: several of one kind go together.")),
      _failures(
          environment.metrics.counter("data_query_failures_total", "Questions that the database did not answer, for whatever reason.")),
      _timeouts(environment.metrics.counter("data_query_timeouts_total", "Questions that got no answer in time.")) {}

Queries::Kind& Queries::kindOf(const Ask& ask) {
  const auto found =
      std::find_if(_kinds.begin(), _kinds.end(), [&](const Kind& kind) { return kind.table == ask.table && kind.columns == ask.columns; });
  return found != _kinds.end() ? *found : _kinds.emplace_back(Kind{ask.table, ask.columns, {}});
}

void Queries::add(std::vector<AskPointer>&& asks) {
  size_t jobs = 0;
  {
    std::lock_guard<std::mutex> lock(_mutex);
    for (AskPointer& ask : asks) kindOf(*ask).asks.push_back(std::move(ask));
    _waiting.fetch_add(asks.size(), std::memory_order_relaxed);
    for (; _jobs < MostJobs && jobs < _kinds.size(); ++_jobs) ++jobs;
  }
  while (jobs-- > 0) submit();
}

void Queries::submit() {
  _environment.pool.submit([self = shared_from_this()] { self->work(); }, _sessions->timeout() + Sessions::Grace);
}

Queries::Group Queries::takeGroup() {
  std::lock_guard<std::mutex> lock(_mutex);
  Group group;
  if (_kinds.empty()) return group;
  Kind& kind = _kinds.front();
  size_t taken = 0;
  const Runtime::Instant now = _environment.clock.now();
  for (; !kind.asks.empty() && group.size() < Session::MostAtOnce; ++taken) {
    AskPointer ask = std::move(kind.asks.front());
    kind.asks.pop_front();
    if (ask->worker == nullptr || ask->deadline > now) group.push_back(std::move(ask));  // the others have been told
  }
  if (kind.asks.empty())
    _kinds.pop_front();
  else
    _kinds.splice(_kinds.end(), _kinds, _kinds.begin());
  _waiting.fetch_sub(taken, std::memory_order_relaxed);
  return group;
}

/// One group a job. A job that hangs gives its place to another one; its askers have had their timeout when it ends.
void Queries::work() {
  bool given = false;
  Group group = takeGroup();
  if (!group.empty()) {
    const auto watch = _environment.pool.watch(_sessions->timeout() + Sessions::Grace, [&] { lost(given); });
    std::vector<Result> results = ask(group);
    report(std::move(group), std::move(results));
  }
  {
    std::lock_guard<std::mutex> lock(_mutex);
    if (given) return;
    if (_kinds.empty()) {
      --_jobs;
      return;
    }
  }
  submit();
}

void Queries::lost(bool& given) {
  {
    std::lock_guard<std::mutex> lock(_mutex);
    given = true;
    if (_kinds.empty()) {
      --_jobs;
      return;
    }
  }
  submit();
}

std::vector<Result> Queries::ask(const Group& group) {
  const auto begin = std::chrono::steady_clock::now();
  const Ask& first = *group[0];
  std::vector<const Row*> values;
  for (const AskPointer& ask : group) values.push_back(&ask->values);
  std::vector<Result> results(group.size());
  const Failure failure = _sessions->with(
      [&](Session& session) {
        for (Result& result : results) result.rows.clear();
        session.select(*first.table, first.columns, values,
                       [&](size_t asker, Row&& row) { results[asker].rows.push_back(std::move(row)); });
      },
      _sessions->timeout());
  if (failure)
    for (Result& result : results) result = {failure, {}};
  _queries.add();
  _asks.add(group.size());
  if (failure) _failures.add(group.size());
  const auto took = std::chrono::steady_clock::now() - begin;
  _took.fetch_add(std::chrono::duration_cast<std::chrono::microseconds>(took).count(), std::memory_order_relaxed);
  return results;
}

void Queries::answer(Ask& ask, Result&& result) {
  if (std::exchange(ask.answered, true)) return;
  ask.done(std::move(result));
  ask.done = nullptr;
}

/// One task a worker.
void Queries::report(Group&& group, std::vector<Result>&& results) {
  using Answers = std::vector<std::pair<AskPointer, Result>>;
  std::vector<std::pair<Runtime::Worker*, Answers>> byWorker;
  for (size_t i = 0; i < group.size(); ++i) {
    Runtime::Worker* const worker = group[i]->worker;
    auto found = std::find_if(byWorker.begin(), byWorker.end(), [&](const auto& entry) { return entry.first == worker; });
    if (found == byWorker.end()) found = byWorker.insert(byWorker.end(), {worker, {}});
    found->second.emplace_back(std::move(group[i]), std::move(results[i]));
  }
  for (auto& [worker, answers] : byWorker) {
    auto run = [answers = std::move(answers)]() mutable {
      for (auto& [ask, result] : answers) answer(*ask, std::move(result));
    };
    if (worker)
      worker->post(std::move(run));
    else
      run();
  }
}

}  // namespace Patchbay::Data
