#include "Thread.h"

#include <Poco/Exception.h>
#include <pthread.h>
#include <signal.h>

#include <system_error>

namespace Patchbay::Runtime {

namespace {

/// Blocks what other processes send; the faults of a thread stay its own. Undone at the end of the scope: threads inherit the mask.
class QuietSignals {
 public:
  QuietSignals() {
    sigset_t quiet;
    sigfillset(&quiet);
    for (int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGPROF}) sigdelset(&quiet, fault);
    pthread_sigmask(SIG_BLOCK, &quiet, &_before);
  }
  ~QuietSignals() { pthread_sigmask(SIG_SETMASK, &_before, nullptr); }

 private:
  sigset_t _before;
};

void nameThread([[maybe_unused]] const std::string& name) {
#ifdef __linux__
  pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
#endif
}

}  // namespace

std::thread startThread(const std::string& name, void (*run)(void*), void* argument) {
  const QuietSignals quiet;
  try {
    return std::thread([name, run, argument] {
      nameThread(name);
      run(argument);
    });
  } catch (const std::system_error& error) {
    throw Poco::SystemException("cannot start thread " + name, error.what());
  }
}

}  // namespace Patchbay::Runtime
