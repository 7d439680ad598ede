#pragma once

#include <atomic>
#include <optional>

#include "patchbay/core/Request.h"

namespace Patchbay::Core {

class RequestPool;

/// One worker's requests: made, reused, and freed there when they are not needed any more. Only `returned` is for other threads.
class alignas(64) RequestShelf : public Runtime::Ticker {
 public:
  /// So many free ones a worker keeps for ever. Few: what lies around them cannot be given back to the system.
  static constexpr size_t Floor = 2;

  explicit RequestShelf(RequestPool& pool) : _pool(pool) {}
  ~RequestShelf() override;
  RequestShelf(const RequestShelf&) = delete;

  /// A free one, out of the shelf; null when there is none.
  Request* take() {
    if (!_free) takeReturned();
    Request* const request = _free;
    if (request) pop();
    return request;
  }
  void give(Request& request) {
    request._nextFree = _free;
    _free = &request;
    ++_idle;
  }
  /// Puts it back from another thread.
  void returned(Request& request);
  bool hasFree() const { return _free || _returned.load(std::memory_order_relaxed); }
  /// One that was made for this worker.
  void add(Request& request);

  std::optional<Runtime::Instant> nextDue() override;
  void tick(Runtime::Instant now) override;

 private:
  void pop() {
    _free = _free->_nextFree;
    if (--_idle < _least) _least = _idle;
  }
  void takeReturned();
  void begin(Runtime::Instant now);
  Runtime::Duration window() const;
  void freeSlice(Runtime::Instant now);
  void destroy(Request& request);

  RequestPool& _pool;
  Request* _free = nullptr;
  Request* _all = nullptr;
  size_t _idle = 0;     ///< how many are free
  size_t _least = 0;    ///< of them have been free since `_began`, or since the surplus was found
  size_t _count = 0;    ///< how many there are
  size_t _surplus = 0;  ///< not needed: to be freed
  Runtime::Instant _began{}, _nextSlice{};
  alignas(64) std::atomic<Request*> _returned{nullptr};  ///< pushed by other threads, taken whole by the worker
};

}  // namespace Patchbay::Core
