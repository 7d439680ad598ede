#pragma once

#include <cstddef>

/// How often this thread, in this program and its libraries, has called operator new. Only in programs whose test.cmake adds
/// Allocations.cpp.
size_t allocations();

/// The nth call from now on throws std::bad_alloc, once.
void failAllocation(size_t nth);
/// Whether that is over because the call has come.
bool stopFailing();
