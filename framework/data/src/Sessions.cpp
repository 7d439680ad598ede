#include "Sessions.h"

namespace Patchbay::Data {

/// One use of a connection, watched: when it is overdue the connection is cut, or not used when it only comes then.
class Sessions::Attempt {
 public:
  Attempt(Sessions& sessions, Runtime::Duration longest) : _sessions(sessions), _longest(longest) { watch(); }
  ~Attempt() { _watch.reset(); }

  /// From now on it is this connection that is cut. Throws when it comes too late.
  void use(Session& session) {
    std::lock_guard<std::mutex> lock(_mutex);
    if (_overdue) throw Poco::TimeoutException("too late");
    _session = &session;
  }
  /// It goes on: the time begins anew.
  void progress() { watch(); }
  bool isOverdue() {
    std::lock_guard<std::mutex> lock(_mutex);
    _session = nullptr;
    return _overdue;
  }
  Failure overdueFailure() const {
    const auto seconds = std::chrono::duration_cast<std::chrono::milliseconds>(_longest).count();
    return {Failure::Kind::timeout, _sessions._driver->description() + ": no answer within " + std::to_string(seconds) + " ms"};
  }

 private:
  void watch() {
    if (!_sessions._driver->isRemote()) return;
    _watch.reset();
    _watch = _sessions._environment.pool.watch(_longest, [this] { cut(); });
  }
  void cut() {
    {
      std::lock_guard<std::mutex> lock(_mutex);
      _overdue = true;
      if (_session) _session->interrupt();
    }
    _sessions._breaker.failed(overdueFailure());  // now, not only when the thread comes back
  }

  Sessions& _sessions;
  const Runtime::Duration _longest;
  std::mutex _mutex;
  Session* _session = nullptr;
  bool _overdue = false;
  std::unique_ptr<Runtime::BlockingPool::Watch> _watch;
};

Sessions::Sessions(std::unique_ptr<Driver> driver, Runtime::Environment& environment, Breaker::Told told,
                   std::shared_ptr<OpenTables> tables)
    : _tables(std::move(tables)),
      _driver(std::move(driver)),
      _environment(environment),
      _breaker(environment, _driver->description(), std::move(told)) {}

size_t Sessions::connections() const {
  std::lock_guard<std::mutex> lock(_mutex);
  return _idle.size() + _busy.load();
}

std::unique_ptr<Session> Sessions::take() {
  std::lock_guard<std::mutex> lock(_mutex);
  if (_idle.empty()) return nullptr;
  auto session = std::move(_idle.back());
  _idle.pop_back();
  return session;
}

void Sessions::giveBack(std::unique_ptr<Session> session) {
  session->progress = nullptr;
  std::lock_guard<std::mutex> lock(_mutex);
  _idle.push_back(std::move(session));
}

/// When one connection was dead the others are too. They are closed by the caller, without the lock.
void Sessions::forget(std::vector<std::unique_ptr<Session>>& dead) {
  std::lock_guard<std::mutex> lock(_mutex);
  dead.swap(_idle);
}

Failure Sessions::attempt(const Work& work, Runtime::Duration longest, std::unique_ptr<Session> session) {
  Attempt attempt(*this, longest);
  try {
    if (!session) session = _driver->connect();
    attempt.use(*session);
    session->progress = [&attempt] { attempt.progress(); };
    work(*session);
    if (attempt.isOverdue()) return attempt.overdueFailure();  // cut just at its end
    giveBack(std::move(session));
    return {};
  } catch (const Poco::Exception& exception) {
    const bool overdue = attempt.isOverdue();
    Failure failure = overdue ? attempt.overdueFailure() : _driver->failureOf(exception);
    if (session && _driver->isSingle()) {
      session->forgetStatements();
      giveBack(std::move(session));
    }
    return failure;
  }
}

Failure Sessions::with(const Work& work, Runtime::Duration longest, bool probe) {
  if (!probe && _breaker.isOpen()) return _breaker.failure();
  std::unique_lock<std::mutex> alone(_singleMutex, std::defer_lock);
  if (_driver->isSingle()) alone.lock();
  auto session = take();
  const bool fresh = session == nullptr;
  ++_busy;
  Failure failure = attempt(work, longest, std::move(session));
  if (_driver->isRemote() && failure.kind == Failure::Kind::unreachable && !fresh) {
    std::vector<std::unique_ptr<Session>> dead;
    forget(dead);
    dead.clear();
    failure = attempt(work, longest, nullptr);
  }
  --_busy;
  return settle(std::move(failure), probe);
}

/// A deadlock is no reason not to ask, a database that is away or lets nobody in is one.
Failure Sessions::settle(Failure failure, bool probe) {
  if (!_driver->isRemote()) return failure;
  if (!failure)
    _breaker.succeeded();
  else if (failure.kind == Failure::Kind::unreachable || failure.kind == Failure::Kind::denied || (probe && _breaker.isOpen()))
    _breaker.failed(failure);
  return failure;
}

}  // namespace Patchbay::Data
