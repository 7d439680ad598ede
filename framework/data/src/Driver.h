#pragma once

#include <memory>
#include <string>

#include <Poco/Exception.h>

#include "Session.h"
#include "patchbay/data/Database.h"

namespace Patchbay::Data {

/// What every database has of its options.
struct CommonSettings {
  size_t queue = 100000;                    ///< how many changes may wait
  std::chrono::milliseconds timeout{2000};  ///< the longest that a query, a group of changes, a connect may take
};

/// One kind of database: how to connect to it, what its errors mean. Used by any thread once the tables are open.
class Driver {
 public:
  virtual ~Driver() = default;
  virtual const Dialect& dialect() const = 0;
  virtual const CommonSettings& settings() const = 0;
  /// Without a password.
  virtual std::string description() const = 0;
  /// Blocking; throws Poco::Exceptions.
  virtual std::unique_ptr<Session> connect() = 0;
  /// What an exception of Poco::Data means.
  virtual Failure failureOf(const Poco::Exception& exception) const = 0;

  /// Load time, before a table is opened.
  virtual Failure prepare() { return {}; }
  /// Before each group of changes.
  virtual Failure checkInPlace() const { return {}; }
  /// On the other side of a network: it may be away, or hang, and a connection may be cut.
  virtual bool isRemote() const { return false; }
  /// One connection only, which must not be thrown away.
  virtual bool isSingle() const { return false; }
  /// Whether a database that is away at the start is waited for, while the server runs.
  virtual bool waitsAtStart() const { return false; }
};

}  // namespace Patchbay::Data
