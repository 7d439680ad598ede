#pragma once

#include <atomic>
#include <memory>
#include <mutex>

#include "patchbay/runtime/Worker.h"

namespace Patchbay::Runtime {

/// A value that workers read without a lock, and that is replaced whole: a list that operators change now and then.
template <class T>
class Published {
 public:
  explicit Published(std::shared_ptr<const T> first = std::make_shared<const T>()) : _held(std::move(first)), _current(_held.get()) {}

  /// On a worker: good until the end of its turn. One load.
  const T& get() const { return *_current.load(std::memory_order_acquire); }
  /// On any thread.
  std::shared_ptr<const T> hold() const {
    std::lock_guard<std::mutex> lock(_mutex);
    return _held;
  }
  /// From any thread. The one before lives until each worker has ended its turn.
  void publish(std::shared_ptr<const T> next, Workers& workers) {
    std::lock_guard<std::mutex> lock(_mutex);
    _current.store(next.get(), std::memory_order_release);
    const std::shared_ptr<const T> before = std::exchange(_held, std::move(next));
    for (size_t i = 0; i < workers.count(); ++i) workers.at(i).post([before] {});
  }

 private:
  mutable std::mutex _mutex;
  std::shared_ptr<const T> _held;
  std::atomic<const T*> _current;
};

}  // namespace Patchbay::Runtime
