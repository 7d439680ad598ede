#pragma once

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

namespace Patchbay::Runtime {

/// A callable that is called once at most, moved and never copied; up to 48 octets of captures live inside it.
class Task {
 public:
  Task() = default;
  template <class F, class = std::enable_if_t<!std::is_same_v<std::decay_t<F>, Task>>>
  Task(F&& f) {  // NOLINT: meant to convert
    using Callable = std::decay_t<F>;
    if constexpr (sizeof(Callable) <= sizeof(_space) && std::is_nothrow_move_constructible_v<Callable>) {
      new (_space) Callable(std::forward<F>(f));
      _table = &inlineTable<Callable>;
    } else {
      new (_space) Callable*(new Callable(std::forward<F>(f)));
      _table = &heapTable<Callable>;
    }
  }
  Task(Task&& other) noexcept { take(other); }
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      reset();
      take(other);
    }
    return *this;
  }
  ~Task() { reset(); }

  explicit operator bool() const { return _table != nullptr; }
  void operator()() { _table->call(_space); }

 private:
  struct Table {
    void (*call)(void*);
    void (*move)(void* from, void* to);
    void (*destroy)(void*);
  };
  template <class C>
  static constexpr Table inlineTable{[](void* p) { (*static_cast<C*>(p))(); },
                                     [](void* from, void* to) {
                                       new (to) C(std::move(*static_cast<C*>(from)));
                                       static_cast<C*>(from)->~C();
                                     },
                                     [](void* p) { static_cast<C*>(p)->~C(); }};
  template <class C>
  static constexpr Table heapTable{[](void* p) { (**static_cast<C**>(p))(); },
                                   [](void* from, void* to) { new (to) C*(*static_cast<C**>(from)); },
                                   [](void* p) { delete *static_cast<C**>(p); }};
  void take(Task& other) {
    _table = other._table;
    if (_table) _table->move(other._space, _space);
    other._table = nullptr;
  }
  void reset() {
    if (_table) _table->destroy(_space);
    _table = nullptr;
  }
  alignas(std::max_align_t) unsigned char _space[48];
  const Table* _table = nullptr;
};

}  // namespace Patchbay::Runtime
