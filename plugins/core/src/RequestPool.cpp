#include "RequestPool.h"

namespace Patchbay::Core {

RequestPool::RequestPool() = default;
RequestPool::~RequestPool() = default;

Request& RequestPool::take() {
  auto& shelf = _shelves[Runtime::Worker::slot()];
  if (!shelf.free) shelf.free = shelf.returned.exchange(nullptr, std::memory_order_acquire);
  Request* request = shelf.free;
  if (!request) return make(Runtime::Worker::slot());
  shelf.free = request->_nextFree;
  request->_holds.store(1, std::memory_order_relaxed);
  return *request;
}

Request& RequestPool::make(size_t slot) {
  auto request = std::make_unique<Request>();
  request->_pool = this;
  request->_home = slot;
  request->_holds.store(1, std::memory_order_relaxed);
  _made.fetch_add(1, std::memory_order_relaxed);
  std::lock_guard<std::mutex> lock(_mutex);
  _all.push_back(std::move(request));
  return *_all.back();
}

void RequestPool::give(Request& request) {
  auto& shelf = _shelves[request._home];
  if (Runtime::Worker::slot() == request._home) {
    request._nextFree = shelf.free;
    shelf.free = &request;
    return;
  }
  Request* head = shelf.returned.load(std::memory_order_relaxed);
  do request._nextFree = head;
  while (!shelf.returned.compare_exchange_weak(head, &request, std::memory_order_release, std::memory_order_relaxed));
}

}  // namespace Patchbay::Core
