#pragma once

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <Poco/TemporaryFile.h>

namespace Patchbay::Testsuite {

/// An empty folder of a test's own, canonical, removed at the end with all that is in it.
class TemporaryFolder {
 public:
  TemporaryFolder() : _file(Poco::TemporaryFile()) {
    _file.createDirectories();
    std::filesystem::permissions(_file.path(), std::filesystem::perms::owner_all);
    _path = std::filesystem::canonical(_file.path()).string();
  }
  const std::string& path() const { return _path; }
  /// Writes a file, with the folders that it needs; gives back its full path.
  std::string write(const std::string& name, const std::string& text) const {
    const std::string path = _path + "/" + name;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path) << text;
    return path;
  }
  static std::string read(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }

 private:
  Poco::TemporaryFile _file;
  std::string _path;
};

}  // namespace Patchbay::Testsuite
