#pragma once

#include <cstddef>

/// How often this thread has called operator new.
size_t allocations();
