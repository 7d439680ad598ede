#pragma once

#include <cstddef>

/// How often this thread, in this program and its libraries, has called operator new. Only in programs whose test.cmake adds
/// Allocations.cpp.
size_t allocations();
