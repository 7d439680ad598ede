#include "Work.h"

#include <cstring>

namespace Patchbay::Testsuite {

namespace {

size_t blocks = 0, octets = 0;

}  // namespace

void Work::start() {
  blocks = octets = 0;
}

size_t Work::done() {
  return blocks + octets / 16;  // they look at as many at once
}

// The linker puts these in the place of the C library's (--wrap).
extern "C" {

void __sanitizer_cov_trace_pc();   // NOLINT(bugprone-reserved-identifier): the compiler's name
void __sanitizer_cov_trace_pc() {  // NOLINT(bugprone-reserved-identifier)
  ++blocks;
}

void* realMemchr(const void* at, int wanted, size_t size) asm("__real_memchr");
void* countedMemchr(const void* at, int wanted, size_t size) asm("__wrap_memchr");
void* countedMemchr(const void* at, int wanted, size_t size) {
  void* const found = realMemchr(at, wanted, size);
  octets += found ? static_cast<size_t>(static_cast<const char*>(found) - static_cast<const char*>(at)) : size;
  return found;
}

int realMemcmp(const void* a, const void* b, size_t size) asm("__real_memcmp");
int countedMemcmp(const void* a, const void* b, size_t size) asm("__wrap_memcmp");
int countedMemcmp(const void* a, const void* b, size_t size) {
  octets += size;
  return realMemcmp(a, b, size);
}

void* realMemcpy(void* to, const void* from, size_t size) asm("__real_memcpy");
void* countedMemcpy(void* to, const void* from, size_t size) asm("__wrap_memcpy");
void* countedMemcpy(void* to, const void* from, size_t size) {
  octets += size;
  return realMemcpy(to, from, size);
}

void* realMemmove(void* to, const void* from, size_t size) asm("__real_memmove");
void* countedMemmove(void* to, const void* from, size_t size) asm("__wrap_memmove");
void* countedMemmove(void* to, const void* from, size_t size) {
  octets += size;
  return realMemmove(to, from, size);
}

}  // extern "C"

}  // namespace Patchbay::Testsuite
