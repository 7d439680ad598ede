#pragma once

#include <mutex>
#include <utility>

namespace Patchbay::Runtime {

/// A value that can only be reached with its lock held: `guarded.with([](auto& value) { ... })`. Never hold it over I/O or a call into
/// another plug-in.
template <class T>
class Guarded {
 public:
  template <class... A>
  explicit Guarded(A&&... a) : _value(std::forward<A>(a)...) {}
  template <class F>
  decltype(auto) with(F&& f) {
    std::lock_guard<std::mutex> lock(_mutex);
    return std::forward<F>(f)(_value);
  }
  template <class F>
  decltype(auto) with(F&& f) const {
    std::lock_guard<std::mutex> lock(_mutex);
    return std::forward<F>(f)(_value);
  }

 private:
  mutable std::mutex _mutex;
  T _value;
};

}  // namespace Patchbay::Runtime
