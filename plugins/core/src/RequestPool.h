#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "patchbay/core/Request.h"

namespace Patchbay::Core {

/// Requests by worker. A request always returns to the worker that it began on, so that its machine never changes its worker and a stale
/// ticket reads nothing that another thread writes. Never frees one before the server ends.
class RequestPool {
 public:
  RequestPool();
  ~RequestPool();
  /// On a worker. Held once.
  Request& take();
  /// By the last hold, on any thread.
  void give(Request& request);
  size_t made() const { return _made.load(std::memory_order_relaxed); }

 private:
  struct alignas(64) Shelf {
    Request* free = nullptr;                  ///< the worker's own
    std::atomic<Request*> returned{nullptr};  ///< pushed by other threads, taken whole by the worker
  };
  Request& make(size_t slot);
  std::array<Shelf, Runtime::Workers::Most + 1> _shelves;
  std::atomic<size_t> _made{0};
  std::mutex _mutex;
  std::vector<std::unique_ptr<Request>> _all;
};

}  // namespace Patchbay::Core
