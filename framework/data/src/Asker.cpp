#include "Asker.h"

namespace Patchbay::Data {

Asker::Asker(Runtime::Worker& worker, std::shared_ptr<Queries> queries, std::shared_ptr<Sessions> sessions)
    : _worker(worker), _queries(std::move(queries)), _sessions(std::move(sessions)) {
  _worker.add(static_cast<Runtime::Flusher&>(*this));
  _worker.add(static_cast<Runtime::Ticker&>(*this));
}

Asker::~Asker() {
  _worker.remove(static_cast<Runtime::Flusher&>(*this));
  _worker.remove(static_cast<Runtime::Ticker&>(*this));
}

void Asker::ask(AskPointer ask) {
  ask->worker = &_worker;
  ask->asked = _worker.now();
  ask->deadline = ask->asked + _sessions->timeout();
  if (_sessions->breaker().isOpen()) return fail(ask, _sessions->breaker().failure());
  if (_queries->waiting() >= Queries::MostWaiting)
    return fail(ask,
                {Failure::Kind::full, "as many questions wait for the database as may (" + std::to_string(Queries::MostWaiting) + ")"});
  _collected.push_back(ask);
  _open.push_back(std::move(ask));
}

/// Never within the call.
void Asker::fail(const AskPointer& ask, const Failure& failure) {
  _worker.post([ask, failure] { Queries::answer(*ask, {failure, {}}); });
}

void Asker::flush() {
  if (_collected.empty()) return;
  _queries->add(std::move(_collected));
  _collected.clear();
}

std::optional<Runtime::Instant> Asker::nextDue() {
  while (!_open.empty() && _open.front()->answered) _open.pop_front();
  if (_open.empty()) return {};
  return _open.front()->deadline;
}

void Asker::tick(Runtime::Instant now) {
  while (!_open.empty() && (_open.front()->answered || _open.front()->deadline <= now)) {
    const AskPointer ask = std::move(_open.front());
    _open.pop_front();
    if (ask->answered) continue;
    _queries->countTimeout();
    const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(_sessions->timeout()).count();
    Queries::answer(*ask, {{Failure::Kind::timeout, "no answer of the database within " + std::to_string(limit) + " ms"}, {}});
  }
}

}  // namespace Patchbay::Data
