#include <mimalloc.h>

// Linked to the program where there is mimalloc (doc/decisions/041). By default it gives free memory back 25 ms later, when its thread
// frees more: behind a flood none does, and all of it would stay.
namespace {

[[maybe_unused]] const bool done = [] {
#if MI_MALLOC_VERSION < 210
  mi_option_set(mi_option_decommit_delay, 0);
#else
  mi_option_set(mi_option_purge_delay, 0);
#endif
  return true;
}();

}  // namespace
