#include <cppunit/BriefTestProgressListener.h>
#include <cppunit/Exception.h>
#include <cppunit/SourceLine.h>
#include <cppunit/Test.h>
#include <cppunit/TestFailure.h>
#include <cppunit/TestResult.h>
#include <cppunit/TestResultCollector.h>
#include <cppunit/extensions/TestFactoryRegistry.h>

#include <iostream>
#include <string>
#include <vector>

namespace {

/// All single tests below TEST whose name contains FILTER.
void collect(CppUnit::Test* test, const std::string& filter, std::vector<CppUnit::Test*>& found)
{
  if (test->getChildTestCount() == 0)
  {
    if (test->countTestCases() == 1 && test->getName().find(filter) != std::string::npos) found.push_back(test);
    return;
  }
  for (int i = 0; i < test->getChildTestCount(); ++i) collect(test->getChildTestAt(i), filter, found);
}

void print(const CppUnit::TestFailure& failure)
{
  const CppUnit::SourceLine where = failure.sourceLine();
  if (where.isValid()) std::cout << where.fileName() << ':' << where.lineNumber() << ": ";
  const CppUnit::Message message = failure.thrownException()->message();
  std::cout << failure.failedTestName() << ": " << message.shortDescription() << '\n' << message.details() << '\n';
}

int usage(const char* program)
{
  std::cout << "usage: " << program << " [-v] [--list] [part of a test's name]\n";
  return 2;
}

} // namespace

/// Runs all registered tests, or those whose name contains the argument. Ends with `N passed, N failed`.
int main(int argc, char** argv)
{
  bool verbose = false;
  bool list = false;
  std::string filter;
  for (int i = 1; i < argc; ++i)
  {
    const std::string argument = argv[i];
    if (argument == "-v") verbose = true;
    else if (argument == "--list") list = true;
    else if (argument.starts_with('-')) return usage(argv[0]);
    else filter = argument;
  }

  CppUnit::Test* all = CppUnit::TestFactoryRegistry::getRegistry().makeTest();
  std::vector<CppUnit::Test*> chosen;
  collect(all, filter, chosen);
  CppUnit::TestResult result;
  CppUnit::TestResultCollector collected;
  CppUnit::BriefTestProgressListener progress;
  result.addListener(&collected);
  if (verbose) result.addListener(&progress);
  for (CppUnit::Test* test : chosen)
  {
    if (list) std::cout << test->getName() << '\n';
    else test->run(&result);
  }
  if (list) return 0;

  for (const CppUnit::TestFailure* failure : collected.failures()) print(*failure);
  const int failed = collected.testFailuresTotal();
  if (chosen.empty()) std::cout << "no test is called like '" << filter << "'\n";
  std::cout << collected.runTests() - failed << " passed, " << failed << " failed\n";
  delete all;
  return failed == 0 && !chosen.empty() ? 0 : 1;
}
