#include "Target.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <Poco/Exception.h>

namespace Patchbay::Client {

namespace fs = std::filesystem;

namespace {

const char* const DefaultAdmin = "http://127.0.0.1:5088";

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::string firstLine(const std::string& path) {
  std::string line;
  std::ifstream file(path);
  std::getline(file, line);
  return line;
}

/// Where a server on this machine keeps its data: an installed one, a user's own, one of a source tree.
std::vector<std::string> dataFolders(const Places& places) {
  if (!places.data.empty()) return {places.data};
  std::vector<std::string> all;
  std::error_code error;
  const auto program = fs::read_symlink("/proc/self/exe", error);
  if (!error) all.push_back((program.parent_path() / "../../var/patchbay").lexically_normal().string());
  all.emplace_back("/var/lib/patchbay");
  if (const std::string home = environment("HOME"); !home.empty()) all.push_back(home + "/.local/share/patchbay");
  return all;
}

}  // namespace

Places withEnvironment(Places options) {
  if (options.admin.empty()) options.admin = environment("PATCHBAY_ADMIN");
  if (options.token.empty()) options.token = environment("PATCHBAY_TOKEN");
  if (options.data.empty()) options.data = environment("PATCHBAY_DATA");
  if (options.ca.empty()) options.ca = environment("PATCHBAY_CA");
  return options;
}

Target findTarget(const Places& places) {
  Target target{places.admin, places.token, {}, places.ca, false};
  if (!places.tokenFile.empty() && (target.token = firstLine(places.tokenFile)).empty())
    throw Poco::FileException("--token-file: " + places.tokenFile + " cannot be read, or is empty");
  for (const auto& folder : dataFolders(places)) {
    target.tried += (target.tried.empty() ? "" : ", ") + folder + "/admin.token";
    if (target.url.empty() && !(target.url = firstLine(folder + "/admin.url")).empty() && target.ca.empty()) {
      target.ca = folder + "/admin.certificate";
      target.pinned = true;
    }
    if (target.token.empty()) target.token = firstLine(folder + "/admin.token");
  }
  if (target.url.empty()) target.url = DefaultAdmin;
  return target;
}

}  // namespace Patchbay::Client
