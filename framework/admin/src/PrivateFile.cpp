#include "PrivateFile.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include <Poco/Exception.h>

namespace Patchbay::Admin {

namespace {

[[noreturn]] void fail(const std::string& path, const char* what) {
  throw Poco::FileException(path + " cannot be " + what + ": " + std::strerror(errno));
}

}  // namespace

void writePrivateFile(const std::string& path, const std::string& text) {
  const std::string beside = path + ".new";
  ::unlink(beside.c_str());
  const int file = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) fail(beside, "made");
  const bool written = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(file) == 0;
  ::close(file);
  if (!written || ::rename(beside.c_str(), path.c_str()) != 0) fail(path, "written");
}

std::string readPrivateFile(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return {};
    fail(path, "read");
  }
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) throw Poco::FileException(path + " is open to others (chmod 600 " + path + ")");
  std::ostringstream text;
  if (std::ifstream file(path); !(text << file.rdbuf()) && status.st_size != 0) fail(path, "read");
  return text.str();
}

}  // namespace Patchbay::Admin
