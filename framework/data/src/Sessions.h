#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "Breaker.h"
#include "Driver.h"

namespace Patchbay::Data {

/// The connections to one database: as many as are used at once. A database in memory has one only, lent to one thread at a time.
class Sessions {
 public:
  using Work = std::function<void(Session&)>;
  /// For what happens at load time and in the admin endpoint's threads: so long without a row; and what changes tables.
  static constexpr Runtime::Duration LoadTime = std::chrono::seconds(15), SchemaTime = std::chrono::minutes(10);

  /// `tables`: what work looks at. A job that hangs comes back when the database object is gone: it has these by whoever holds it.
  Sessions(std::unique_ptr<Driver> driver, Runtime::Environment& environment, Breaker::Told told, std::shared_ptr<OpenTables> tables);
  Driver& driver() const { return *_driver; }
  Breaker& breaker() { return _breaker; }
  Runtime::Duration timeout() const { return _driver->settings().timeout; }
  /// How much longer than `timeout` a thread may hang before it counts as lost.
  static constexpr Runtime::Duration Grace = std::chrono::seconds(1);

  /// Runs `work` with a connection; what it throws is a failure, and the connection is thrown away. A connection that has died while
  /// nobody used it is replaced, and the work done again: it must bear that. When it takes longer than `longest` the connection is cut (a
  /// file cannot be). Fails at once while the database is away; a probe tries all the same.
  Failure with(const Work& work, Runtime::Duration longest, bool probe = false);
  size_t connections() const;

 private:
  class Attempt;
  Failure attempt(const Work& work, Runtime::Duration longest, std::unique_ptr<Session> session);
  std::unique_ptr<Session> take();
  void giveBack(std::unique_ptr<Session> session);
  void forget(std::vector<std::unique_ptr<Session>>& dead);
  Failure settle(Failure failure, bool probe);

  const std::shared_ptr<OpenTables> _tables;
  const std::unique_ptr<Driver> _driver;
  Runtime::Environment& _environment;
  Breaker _breaker;
  std::mutex _singleMutex;  // held over the work: SQL in memory only, in tests
  mutable std::mutex _mutex;
  std::vector<std::unique_ptr<Session>> _idle;
  std::atomic<size_t> _busy{0};
};

}  // namespace Patchbay::Data
