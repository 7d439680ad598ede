#include "Secrets.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <fstream>

#include <Poco/Exception.h>
#include <Poco/NumberFormatter.h>

namespace Patchbay::Core {

namespace {

Runtime::SipHash::Key read(const std::string& path) {
  std::ifstream file(path);
  std::string text;
  file >> text;
  Runtime::SipHash::Key key{};
  const auto half = [&](size_t at, uint64_t& out) {
    const auto result = std::from_chars(text.data() + at, text.data() + at + 16, out, 16);
    return result.ec == std::errc() && result.ptr == text.data() + at + 16;
  };
  if (text.size() != 32 || !half(0, key[0]) || !half(16, key[1]))
    throw Poco::DataFormatException(
        path +
        ": holds no secret; expected 32 hex digits. Remove the file to have a new one made (routes of calls that are up are then refused)");
  return key;
}

void write(const std::string& path, const Runtime::SipHash::Key& key) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) throw Poco::CreateFileException(path + ": the server's secret cannot be written here");
  const std::string text = Poco::NumberFormatter::formatHex(static_cast<Poco::UInt64>(key[0]), 16) +
                           Poco::NumberFormatter::formatHex(static_cast<Poco::UInt64>(key[1]), 16) + "\n";
  const bool done = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(file) == 0;
  ::close(file);
  if (!done) throw Poco::WriteFileException(path + ": the server's secret cannot be written here");
}

}  // namespace

Runtime::SipHash::Key lastingSecret(const std::string& folder, Runtime::Random& random) {
  const std::string path = folder + "/secret";
  if (::access(path.c_str(), F_OK) == 0) return read(path);
  const Runtime::SipHash::Key key{random.next(), random.next()};
  write(path, key);
  return key;
}

std::string makeInstanceId(Runtime::Random& random) {
  static constexpr std::string_view letters = "0123456789abcdefghijklmnopqrstuv";
  std::string id;
  for (uint64_t bits = random.next(); id.size() < 8; bits >>= 5) id += letters[bits & 31];
  return id;
}

}  // namespace Patchbay::Core
