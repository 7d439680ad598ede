#include <cppunit/BriefTestProgressListener.h>
#include <cppunit/Exception.h>
#include <cppunit/SourceLine.h>
#include <cppunit/Test.h>
#include <cppunit/TestFailure.h>
#include <cppunit/TestListener.h>
#include <cppunit/TestResult.h>
#include <cppunit/TestResultCollector.h>
#include <cppunit/extensions/TestFactoryRegistry.h>

#include <csignal>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <unistd.h>

namespace {

/// Says in which test the program died, or which one takes more than two minutes.
class LastWords : public CppUnit::TestListener {
 public:
  LastWords() {
    for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGALRM}) {
      struct sigaction old {};
      // A sanitizer's own handler says more.
      if (sigaction(signal, nullptr, &old) == 0 && old.sa_handler == SIG_DFL) std::signal(signal, &LastWords::say);
    }
  }
  void startTest(CppUnit::Test* test) override {
    std::snprintf(_words, sizeof(_words), "%s: the program died here, or it took too long\n", test->getName().c_str());
    alarm(Seconds);
  }
  void endTest(CppUnit::Test*) override { alarm(0); }

 private:
  static void say(int signal) {
    if (write(STDOUT_FILENO, _words, std::strlen(_words)) < 0) _exit(1);
    std::signal(signal, SIG_DFL);
    raise(signal);
  }
  static constexpr unsigned Seconds = 120;
  static inline char _words[512] = "";
};

struct Options {
  bool verbose = false;
  bool list = false;
  bool usage = false;
  std::string filter;
};

Options read(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "-v")
      options.verbose = true;
    else if (argument == "--list")
      options.list = true;
    else if (argument.starts_with('-'))
      options.usage = true;
    else
      options.filter = argument;
  }
  return options;
}

/// All single tests below `test` whose name contains `filter`.
void collect(CppUnit::Test* test, const std::string& filter, std::vector<CppUnit::Test*>& found) {
  const int children = test->getChildTestCount();
  for (int i = 0; i < children; ++i) collect(test->getChildTestAt(i), filter, found);
  if (children == 0 && test->countTestCases() == 1 && test->getName().find(filter) != std::string::npos) found.push_back(test);
}

void print(const CppUnit::TestFailure& failure) {
  const CppUnit::SourceLine where = failure.sourceLine();
  if (where.isValid()) std::cout << where.fileName() << ':' << where.lineNumber() << ": ";
  const CppUnit::Message message = failure.thrownException()->message();
  std::cout << failure.failedTestName() << ": " << message.shortDescription() << '\n' << message.details() << '\n';
}

int run(const std::vector<CppUnit::Test*>& tests, bool verbose) {
  CppUnit::TestResult result;
  CppUnit::TestResultCollector collected;
  CppUnit::BriefTestProgressListener progress;
  LastWords lastWords;
  result.addListener(&collected);
  result.addListener(&lastWords);
  if (verbose) result.addListener(&progress);
  for (CppUnit::Test* test : tests) test->run(&result);

  std::set<CppUnit::Test*> failed;  // one test may fail twice, in its body and in tearDown
  for (CppUnit::TestFailure* failure : collected.failures()) {
    print(*failure);
    failed.insert(failure->failedTest());
  }
  std::cout << tests.size() - failed.size() << " passed, " << failed.size() << " failed\n";
  return failed.empty() ? 0 : 1;
}

}  // namespace

/// Runs all registered tests, or those whose name contains the argument. Ends with `N passed, N failed`.
int main(int argc, char** argv) {
  const Options options = read(argc, argv);
  const std::unique_ptr<CppUnit::Test> all(CppUnit::TestFactoryRegistry::getRegistry().makeTest());
  std::vector<CppUnit::Test*> tests;
  collect(all.get(), options.filter, tests);
  if (options.usage || tests.empty()) {
    std::cout << "usage: " << argv[0] << " [-v] [--list] [part of a test's name]\n" << tests.size() << " tests fit\n";
    return 2;
  }
  if (!options.list) return run(tests, options.verbose);
  for (CppUnit::Test* test : tests) std::cout << test->getName() << '\n';
  return 0;
}
