#pragma once

/// Marks what a shared library shows to others; all else is hidden.
#define PATCHBAY_API __attribute__((visibility("default")))
