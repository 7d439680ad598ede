#pragma once

#include <cstddef>
#include <memory>

#include "patchbay/log/Api.h"
#include "patchbay/runtime/Task.h"

namespace Patchbay::Runtime {

/// Where work goes that may block: SQL, files. Jobs start in order, each on one of a few threads; a job hands its result back with
/// Worker::post. In the virtual world jobs run in line.
class PATCHBAY_API BlockingPool {
 public:
  virtual ~BlockingPool() = default;
  /// From any thread; never blocks.
  virtual void submit(Task job) = 0;
  /// Ends after the jobs already submitted.
  virtual void stop() = 0;
};

PATCHBAY_API std::unique_ptr<BlockingPool> makeThreadedPool(size_t threads);
PATCHBAY_API std::unique_ptr<BlockingPool> makeInlinePool();

}  // namespace Patchbay::Runtime
