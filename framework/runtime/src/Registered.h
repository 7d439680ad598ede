#pragma once

#include <algorithm>
#include <vector>

namespace Patchbay::Runtime {

/// Borrowed objects in the order in which they came; they may add and remove one another while they are called.
template <class T>
class Registered {
 public:
  void add(T& item) { _items.push_back(&item); }
  /// Leaves a hole: somebody may be iterating.
  void remove(T& item) {
    for (T*& known : _items)
      if (known == &item) known = nullptr;
    _holes = true;
  }
  template <class F>
  void each(F&& call) {
    for (size_t i = 0; i < _items.size(); ++i)
      if (_items[i]) call(*_items[i]);
  }
  /// When nobody iterates.
  void tidy() {
    if (_holes) std::erase(_items, nullptr);
    _holes = false;
  }

 private:
  std::vector<T*> _items;
  bool _holes = false;
};

}  // namespace Patchbay::Runtime
