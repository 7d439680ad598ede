#include "LogLines.h"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include <Poco/Exception.h>

#include "patchbay/log/Setup.h"

namespace Patchbay::Testsuite {

using namespace std::chrono_literals;

LogLines::LogLines() : _before(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0)) {
  const int file = ::open(_file.path().c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  if (_before < 0 || file < 0) throw Poco::CreateFileException("no file for the log");
  Log::flush(10s);
  ::dup2(file, STDERR_FILENO);
  ::close(file);
}

LogLines::~LogLines() {
  Log::flush(10s);
  ::dup2(_before, STDERR_FILENO);
  ::close(_before);
}

std::string LogLines::text() const {
  if (!Log::flush(10s)) throw Poco::TimeoutException("the log is not written");
  std::ostringstream text;
  text << std::ifstream(_file.path(), std::ios::binary).rdbuf();
  return text.str();
}

size_t LogLines::count(const std::string& text) const {
  std::istringstream lines(this->text());
  size_t found = 0;
  for (std::string line; std::getline(lines, line);) found += line.find(text) != std::string::npos;
  return found;
}

}  // namespace Patchbay::Testsuite
