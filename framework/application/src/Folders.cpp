#include "Folders.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include <Poco/Exception.h>

namespace Patchbay::Application {

namespace fs = std::filesystem;

namespace {

const char* const BundlePlaces[] = {"../bundles", "../../bundles", "../lib/patchbay/bundles"};

bool writableOrMakeable(const std::string& path) {
  if (access(path.c_str(), F_OK) == 0) return access(path.c_str(), W_OK | X_OK) == 0;
  return access(fs::path(path).parent_path().c_str(), W_OK | X_OK) == 0;
}

}  // namespace

std::string programFolder() {
  std::error_code error;
  const auto program = fs::read_symlink("/proc/self/exe", error);
  return error ? fs::current_path().string() : program.parent_path().string();
}

std::string absolute(const std::string& path, const std::string& base) {
  std::string clean = (fs::path(base) / path).lexically_normal().string();
  while (clean.size() > 1 && clean.back() == '/') clean.pop_back();
  return clean;
}

std::string bundlesBesideProgram() {
  for (const char* place : BundlePlaces) {
    std::string folder = absolute(place, programFolder());
    if (fs::is_directory(folder)) return folder;
  }
  return {};
}

std::string bundlePlaces() {
  std::string all;
  for (const char* place : BundlePlaces) all += (all.empty() ? "" : ", ") + absolute(place, programFolder());
  return all;
}

std::string defaultDataFolder() {
  const std::string service = "/var/lib/patchbay";
  if (writableOrMakeable(service)) return service;
  const char* home = std::getenv("HOME");
  return home && *home ? std::string(home) + "/.local/share/patchbay" : std::string();
}

void makePrivateFolder(const std::string& path) {
  std::error_code error;
  if (!fs::exists(path)) {
    fs::create_directories(fs::path(path).parent_path(), error);
    if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
      throw Poco::FileException("the data folder " + path + " cannot be made: " + std::strerror(errno));
  }
  if (!fs::is_directory(path, error)) throw Poco::FileException("the data folder " + path + " is not a folder");
  struct stat status {};
  if (stat(path.c_str(), &status) == 0 && (status.st_mode & (S_IWGRP | S_IWOTH | S_IROTH)) != 0)
    throw Poco::FileException("the data folder " + path + " holds secrets, but others may read or write it (chmod 700 " + path + ")");
  if (access(path.c_str(), W_OK | X_OK) != 0) throw Poco::FileException("the data folder " + path + " cannot be written by this user");
}

}  // namespace Patchbay::Application
