#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "patchbay/log/Api.h"
#include "patchbay/runtime/Clock.h"
#include "patchbay/runtime/Task.h"

namespace Patchbay::Runtime {

/// Where work goes that may block: SQL, files. Jobs start in order, each on one of a few threads; a job hands its result back with
/// Worker::post. In the virtual world jobs run in line.
class PATCHBAY_API BlockingPool {
 public:
  /// Something that is to end in time, see `watch`.
  class PATCHBAY_API Watch {
   public:
    virtual ~Watch() = default;
  };

  virtual ~BlockingPool() = default;
  /// From any thread; never blocks.
  virtual void submit(Task job) = 0;
  /// A job that may hang where nobody can wake it. After `longest` (of real time) its thread counts as abandoned and another one takes its
  /// place; it ends when the job does. At most MostAbandoned; what hangs beyond that keeps its place.
  virtual void submit(Task job, Duration longest) {
    static_cast<void>(longest);
    submit(std::move(job));
  }
  /// From any thread: calls `overdue` once on a thread of its own, unless the returned object dies within `longest` (of real time). After
  /// the object's death it is not running. It must be quick; it may submit, but not watch. Null where nothing can hang: in line.
  virtual std::unique_ptr<Watch> watch(Duration longest, std::function<void()> overdue) {
    static_cast<void>(longest), static_cast<void>(overdue);
    return nullptr;
  }
  /// Threads that hang in a job now.
  static constexpr size_t MostAbandoned = 16;
  virtual size_t abandoned() const { return 0; }
  /// Ends after the jobs already submitted, but for those that hang longer than they may.
  virtual void stop() = 0;
};

PATCHBAY_API std::unique_ptr<BlockingPool> makeThreadedPool(size_t threads);
PATCHBAY_API std::unique_ptr<BlockingPool> makeInlinePool();

}  // namespace Patchbay::Runtime
