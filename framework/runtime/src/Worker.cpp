#include "patchbay/runtime/Worker.h"

namespace Patchbay::Runtime {

constinit thread_local Worker* Worker::_current = nullptr;
constinit thread_local size_t Worker::_slot = 0;

void Worker::enter(Worker* worker) {
  _current = worker;
  _slot = worker ? worker->index() + 1 : 0;
}

}  // namespace Patchbay::Runtime
