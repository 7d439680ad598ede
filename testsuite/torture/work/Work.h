#pragma once

#include <cstddef>

namespace Patchbay::Testsuite {

/// What the parser has done since the last `start`: basic blocks that ran, and octets that the C library looked at for it. The parser's
/// sources are compiled so that the compiler counts (-fsanitize-coverage=trace-pc); the same octets give the same number on every machine.
class Work {
 public:
  static void start();
  static size_t done();
};

}  // namespace Patchbay::Testsuite
