#pragma once

#include <array>
#include <atomic>
#include <memory>

#include "RequestShelf.h"
#include "patchbay/core/Request.h"

namespace Patchbay::Core {

/// Requests by worker. A request always returns to the worker that it began on, so that its machine never changes its worker, and goes
/// there. What a worker has not needed for five seconds it frees, a slice at a time; under a steady load that is nothing.
///
/// The memory of all requests is counted when one is made, grows or is freed, so the count costs nothing while they are reused.
class RequestPool {
 public:
  RequestPool();
  ~RequestPool();
  RequestPool(const RequestPool&) = delete;
  /// On a worker. Held once.
  Request& take();
  /// By the last hold, on any thread.
  void give(Request& request);

  /// `mostOctets` in all. Registers with the workers.
  void start(Runtime::Workers& workers, size_t mostOctets);
  /// The workers have stopped.
  void stop() noexcept;
  /// Whether one more request of so many octets may be kept: there is a free one that is large enough, or it may still be made. The last
  /// eighth is for those that have `precedence`. On a worker.
  bool hasRoom(const Request& request, bool precedence) const;
  size_t made() const { return _made.load(std::memory_order_relaxed); }
  /// Of all requests, in use or free, with what tm keeps of them.
  size_t octets() const { return _octets.load(std::memory_order_relaxed); }

  // For requests and shelves:
  bool isFull() const { return octets() >= _most; }
  void grew(size_t before, size_t now) { _octets.fetch_add(2 * (now - before), std::memory_order_relaxed); }
  void freed(const Request& request);

 private:
  Request& make(size_t slot);

  size_t _most = SIZE_MAX;
  std::array<std::unique_ptr<RequestShelf>, Runtime::Workers::Most + 1> _shelves;
  std::atomic<size_t> _made{0};
  std::atomic<size_t> _octets{0};
  Runtime::Workers* _workers = nullptr;
};

}  // namespace Patchbay::Core
