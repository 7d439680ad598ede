#include "Allocations.h"

#include <cstdlib>
#include <new>

// gcc takes malloc and free for a mismatch when it sees through only one of the two operators, as under ASan.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

static thread_local size_t count = 0;

size_t allocations() {
  return count;
}

void* operator new(size_t size) {
  ++count;
  if (void* memory = std::malloc(size ? size : 1)) return memory;
  throw std::bad_alloc();
}
void* operator new(size_t size, const std::nothrow_t&) noexcept {
  ++count;
  return std::malloc(size ? size : 1);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, const std::nothrow_t&) noexcept {
  std::free(memory);
}
void operator delete(void* memory, size_t) noexcept {
  std::free(memory);
}
