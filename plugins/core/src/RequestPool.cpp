#include "RequestPool.h"

namespace Patchbay::Core {

namespace {

/// A request with its two texts, and the transaction that holds it; without its octets, which lie here and with its branch.
constexpr size_t Bare = sizeof(Request) + 2 * 2048 + 1024;

}  // namespace

RequestPool::RequestPool() {
  for (auto& shelf : _shelves) shelf = std::make_unique<RequestShelf>(*this);
}

RequestPool::~RequestPool() {
  for (auto& shelf : _shelves) shelf.reset();  // while there is something to count in
}

void RequestPool::start(Runtime::Workers& workers, size_t mostOctets) {
  _workers = &workers;
  _most = mostOctets;
  for (size_t i = 0; i < workers.count(); ++i) workers.at(i).add(*_shelves[i + 1]);
}

void RequestPool::stop() noexcept {
  if (!_workers) return;
  for (size_t i = 0; i < _workers->count(); ++i) _workers->at(i).remove(*_shelves[i + 1]);
  _workers = nullptr;
}

Request& RequestPool::take() {
  const size_t slot = Runtime::Worker::slot();
  Request* const request = _shelves[slot]->take();
  if (!request) return make(slot);
  request->_holds.store(1, std::memory_order_relaxed);
  return *request;
}

Request& RequestPool::make(size_t slot) {
  Request& request = *new Request;
  request._pool = this;
  request._home = slot;
  request._holds.store(1, std::memory_order_relaxed);
  _made.fetch_add(1, std::memory_order_relaxed);
  _octets.fetch_add(Bare, std::memory_order_relaxed);
  _shelves[slot]->add(request);
  return request;
}

void RequestPool::give(Request& request) {
  RequestShelf& shelf = *_shelves[request._home];
  if (Runtime::Worker::slot() == request._home)
    shelf.give(request);
  else
    shelf.returned(request);
}

void RequestPool::freed(const Request& request) {
  _made.fetch_sub(1, std::memory_order_relaxed);
  _octets.fetch_sub(Bare + 2 * request._own.capacity(), std::memory_order_relaxed);
}

bool RequestPool::hasRoom(const Request& request, bool precedence) const {
  if (octets() < (precedence ? _most : _most - _most / 8)) [[likely]]
    return true;
  if (!_shelves[Runtime::Worker::slot()]->hasFree()) return false;
  const size_t size = request.message.octets().size(), room = request._own.capacity();
  return size <= room || octets() + 2 * (size - room) <= _most + _most / 16;
}

}  // namespace Patchbay::Core
