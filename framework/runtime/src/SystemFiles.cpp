#include "patchbay/runtime/Files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

namespace Patchbay::Runtime {

namespace {

std::error_code lastError() {
  return {errno, std::generic_category()};
}

class Descriptor {
 public:
  explicit Descriptor(int number) : _number(number) {}
  Descriptor(Descriptor&& other) noexcept : _number(other._number) { other._number = -1; }
  ~Descriptor() {
    if (_number >= 0) ::close(_number);
  }
  explicit operator bool() const { return _number >= 0; }
  int number() const { return _number; }

 private:
  int _number;
};

Descriptor open(const std::string& path, int flags) {
  return Descriptor(::open(path.c_str(), flags | O_CLOEXEC | O_NOCTTY, 0600));
}

std::error_code writeAll(int file, std::string_view octets) {
  while (!octets.empty()) {
    const ssize_t count = ::write(file, octets.data(), octets.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return lastError();
    octets.remove_prefix(static_cast<size_t>(count));
  }
  return {};
}

class SystemFile : public AppendFile {
 public:
  SystemFile(Descriptor file, std::string folder) : _file(std::move(file)), _folder(std::move(folder)) {}
  std::error_code append(std::string_view octets) override { return writeAll(_file.number(), octets); }
  std::error_code sync() override {
    if (::fdatasync(_file.number()) != 0) return lastError();
    if (_named) return {};
    const Descriptor folder = open(_folder, O_RDONLY | O_DIRECTORY);
    if (!folder || ::fsync(folder.number()) != 0) return lastError();
    _named = true;
    return {};
  }

 private:
  const Descriptor _file;
  const std::string _folder;
  bool _named = false;  ///< the folder's entry is on the medium
};

class SystemLock : public FileLock {
 public:
  explicit SystemLock(Descriptor file) : _file(std::move(file)) {}

 private:
  const Descriptor _file;
};

class SystemFiles : public Files {
 public:
  std::error_code list(const std::string& folder, std::vector<std::string>& names) override {
    std::error_code error;
    for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
      names.push_back(entry->path().filename().string());
    return error;
  }

  std::error_code read(const std::string& path, std::string& octets) override {
    const Descriptor file = open(path, O_RDONLY);
    if (!file) return lastError();
    octets.clear();
    char part[65536];
    for (;;) {
      const ssize_t count = ::read(file.number(), part, sizeof part);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return lastError();
      if (count == 0) return {};
      octets.append(part, static_cast<size_t>(count));
    }
  }

  std::error_code create(const std::string& path, std::unique_ptr<AppendFile>& file) override {
    Descriptor made = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND);
    if (!made) return lastError();
    file = std::make_unique<SystemFile>(std::move(made), std::filesystem::path(path).parent_path().string());
    return {};
  }

  std::error_code rename(const std::string& from, const std::string& to) override {
    return ::rename(from.c_str(), to.c_str()) == 0 ? std::error_code() : lastError();
  }

  std::error_code remove(const std::string& path) override { return ::unlink(path.c_str()) == 0 ? std::error_code() : lastError(); }

  std::error_code lock(const std::string& path, std::unique_ptr<FileLock>& lock) override {
    Descriptor file = open(path, O_RDWR | O_CREAT);
    if (!file || ::flock(file.number(), LOCK_EX | LOCK_NB) != 0) return lastError();
    lock = std::make_unique<SystemLock>(std::move(file));
    return {};
  }
};

}  // namespace

std::unique_ptr<Files> makeSystemFiles() {
  return std::make_unique<SystemFiles>();
}

}  // namespace Patchbay::Runtime
