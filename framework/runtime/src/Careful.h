#pragma once

namespace Patchbay::Runtime {

/// Writes the exception being handled to the log: `what` names what threw it.
void reportStray(const char* what);

/// Calls what must not end the thread: a stray exception is logged, the rest goes on.
template <class F>
void careful(const char* what, F&& call) {
  try {
    call();
  } catch (...) {
    reportStray(what);
  }
}

}  // namespace Patchbay::Runtime
