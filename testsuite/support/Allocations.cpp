#include "Allocations.h"

#include <cstdlib>
#include <new>

// gcc takes malloc and free for a mismatch when it sees through only one of the two operators, as under ASan.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

static thread_local size_t count = 0;

static thread_local size_t failing = 0;  // 0: none

void failAllocation(size_t nth) {
  failing = nth;
}

bool stopFailing() {
  const bool came = failing == 0;
  failing = 0;
  return came;
}

static bool fails() {
  return failing != 0 && --failing == 0;
}

size_t allocations() {
  return count;
}

void* operator new(size_t size) {
  ++count;
  void* const memory = fails() ? nullptr : std::malloc(size ? size : 1);
  if (memory) return memory;
  throw std::bad_alloc();
}
void* operator new(size_t size, const std::nothrow_t&) noexcept {
  ++count;
  return fails() ? nullptr : std::malloc(size ? size : 1);
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
