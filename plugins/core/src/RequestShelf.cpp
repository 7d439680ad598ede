#include "RequestShelf.h"

#include <algorithm>

#include "RequestPool.h"

namespace Patchbay::Core {

using namespace std::chrono_literals;

namespace {

/// What lies idle for so long is not needed. Less when memory is used up: another worker may need it.
constexpr Runtime::Duration Window = 5s, WindowWhenFull = 1s;
/// Freeing a slice takes less than half a millisecond.
constexpr size_t Slice = 256;
constexpr Runtime::Duration BetweenSlices = 100ms;

}  // namespace

RequestShelf::~RequestShelf() {
  while (_all) destroy(*_all);
}

void RequestShelf::returned(Request& request) {
  Request* head = _returned.load(std::memory_order_relaxed);
  do request._nextFree = head;
  while (!_returned.compare_exchange_weak(head, &request, std::memory_order_release, std::memory_order_relaxed));
}

void RequestShelf::takeReturned() {
  if (!_returned.load(std::memory_order_relaxed)) return;
  for (Request* one = _returned.exchange(nullptr, std::memory_order_acquire); one;) {
    Request* const next = one->_nextFree;
    give(*one);
    one = next;
  }
}

void RequestShelf::add(Request& request) {
  if (++_count == Floor + 1) begin(Runtime::Worker::current() ? Runtime::Worker::current()->now() : Runtime::Instant{});
  request._nextMade = _all;
  if (_all) _all->_madeBefore = &request;
  _all = &request;
}

void RequestShelf::begin(Runtime::Instant now) {
  _began = now;
  _least = _idle;
}

Runtime::Duration RequestShelf::window() const {
  return _pool.isFull() ? WindowWhenFull : Window;
}

std::optional<Runtime::Instant> RequestShelf::nextDue() {
  if (_surplus) return _nextSlice;
  if (_count > Floor) return _began + window();
  return {};
}

void RequestShelf::tick(Runtime::Instant now) {
  takeReturned();
  if (_surplus) {
    if (_nextSlice <= now) freeSlice(now);
  } else if (_count > Floor && now - _began >= window()) {
    _surplus = _least > Floor ? _least - Floor : 0;
    _nextSlice = now;
    begin(now);
  }
}

/// No more than has lain idle since the surplus was found: else the load is back.
void RequestShelf::freeSlice(Runtime::Instant now) {
  const size_t many = std::min({Slice, _surplus, _least});
  for (size_t i = 0; i < many; ++i) {
    Request& request = *_free;
    pop();
    destroy(request);
  }
  _surplus = many ? _surplus - many : 0;
  _nextSlice = now + BetweenSlices;
}

void RequestShelf::destroy(Request& request) {
  (request._madeBefore ? request._madeBefore->_nextMade : _all) = request._nextMade;
  if (request._nextMade) request._nextMade->_madeBefore = request._madeBefore;
  --_count;
  _pool.freed(request);
  delete &request;
}

}  // namespace Patchbay::Core
