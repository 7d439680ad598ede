#include <algorithm>
#include <iostream>

#include <Poco/Exception.h>
#include <Poco/File.h>
#include <Poco/Path.h>
#include <Poco/RecursiveDirectoryIterator.h>

#include "ScenarioRun.h"
#include "patchbay/log/Setup.h"

using Patchbay::Testsuite::Scenario;
using Patchbay::Testsuite::ScenarioRun;

/// Every *.scenario at or below the path, in order.
static std::vector<std::string> find(const std::string& path) {
  if (!Poco::File(path).isDirectory()) return {path};
  std::vector<std::string> files;
  for (Poco::SimpleRecursiveDirectoryIterator at(path), end; at != end; ++at)
    if (at->isFile() && Poco::Path(at->path()).getExtension() == "scenario") files.push_back(at->path());
  std::sort(files.begin(), files.end());
  return files;
}

static bool play(const std::string& file, bool verbose) {
  std::string problem;
  try {
    problem = ScenarioRun(Scenario::read(file)).play();
  } catch (const Poco::Exception& error) {
    problem = error.displayText();
  }
  if (!problem.empty()) std::cout << "FAILED " << problem << "\n";
  if (problem.empty() && verbose) std::cout << "passed " << file << "\n";
  return problem.empty();
}

/// usage: scenarios [-v] PATH ...   (files or folders); logs of the server on standard error with -v
int main(int argc, char** argv) {
  int passed = 0, failed = 0;
  bool verbose = false;
  std::vector<std::string> files;
  for (int i = 1; i < argc; ++i)
    if (std::string(argv[i]) == "-v")
      verbose = true;
    else
      for (auto& file : find(argv[i])) files.push_back(file);
  Patchbay::Log::Settings log;
  log.level = verbose ? Patchbay::Log::Level::debug : Patchbay::Log::Level::fatal;
  for (const auto& file : files) {
    Patchbay::Log::apply(log);  // a scenario about the log has changed it
    (play(file, verbose) ? passed : failed)++;
  }
  std::cout << passed << " passed, " << failed << " failed" << std::endl;
  return failed == 0 && passed > 0 ? 0 : 1;
}
