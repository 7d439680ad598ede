#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "ManifestReader.h"
#include "Version.h"

namespace Patchbay::Bundle {

namespace fs = std::filesystem;

namespace {

bool everyoneMayWrite(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 && (status.st_mode & S_IWOTH) != 0;
}

/// The bundle folders of one folder, canonical, sorted by name; of a bundle's own folder itself.
std::vector<std::string> bundleFolders(const std::string& folder, Pipeline::Problems& problems) {
  std::vector<std::string> found;
  std::error_code error;
  if (fs::path(folder).extension() == ".bundle" && fs::is_directory(folder, error)) return {fs::canonical(folder).string()};
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() != ".bundle") continue;
    const auto path = fs::canonical(entry.path(), error);
    if (!error && fs::is_directory(path)) found.push_back(path.string());
  }
  const auto refuse = [&](const std::string& text) { problems.error({std::make_shared<const std::string>(folder), 0}, text); };
  if (error)
    refuse("the bundle folder cannot be read: " + error.message());
  else if (found.empty())
    refuse("the bundle folder holds no bundle (NAME.bundle/)");
  if (everyoneMayWrite(folder)) refuse("the bundle folder may be written by everyone, who could add bundles (chmod o-w)");
  std::sort(found.begin(), found.end());
  return found;
}

void checkNumbers(Manifest& manifest, Pipeline::Problems& problems) {
  const auto refuse = [&](const std::string& text) {
    problems.error(manifest.location, "bundle '" + manifest.name + "': " + text);
    manifest.usable = false;
  };
  if (manifest.api != ApiNumber) {
    refuse("made for API number " + std::to_string(manifest.api) + ", this server has " + std::to_string(ApiNumber));
  } else if (manifest.build != buildId()) {
    refuse("built against other headers (build id '" + manifest.build + "', this server has '" + buildId() + "'): build it again");
  }
  if (!parseVersion(manifest.version)) refuse("version '" + manifest.version + "' is not of the form 1.2.3");
}

void checkFiles(Manifest& manifest, Pipeline::Problems& problems) {
  const auto refuse = [&](const std::string& text) {
    problems.error(manifest.location, "bundle '" + manifest.name + "': " + text);
    manifest.usable = false;
  };
  if (fs::path(manifest.folder).stem() != manifest.name) refuse("its folder must be called " + manifest.name + ".bundle");
  const std::string library = manifest.folder + "/" + manifest.library;
  if (manifest.library.find('/') != std::string::npos)
    refuse("its library '" + manifest.library + "' must stand in the bundle's own folder");
  else if (!fs::exists(library))
    refuse("its library " + library + " is not there");
  for (const std::string& path : {manifest.folder, library})
    if (everyoneMayWrite(path)) refuse(path + " may be written by everyone (chmod o-w)");
}

/// Sorts by depth-first search; what it reports is reported once.
class Order {
 public:
  Order(std::vector<Manifest>& manifests, Pipeline::Problems& problems) : _problems(problems) {
    for (auto& manifest : manifests) _byName.emplace(manifest.name, Place{&manifest, Mark::none});
  }

  std::vector<Manifest> run() {
    for (auto& [name, place] : _byName) visit(place);
    return std::move(_sorted);
  }

 private:
  enum class Mark { none, open, done };
  struct Place {
    Manifest* manifest;
    Mark mark;
  };

  void visit(Place& place) {
    if (place.mark == Mark::done) return;
    place.mark = Mark::open;
    _path.push_back(place.manifest->name);
    auto needs = place.manifest->requires_;
    std::sort(needs.begin(), needs.end(), [](const auto& a, const auto& b) { return a.bundle < b.bundle; });
    for (const auto& need : needs) follow(*place.manifest, need);
    _path.pop_back();
    place.mark = Mark::done;
    _sorted.push_back(*place.manifest);
  }

  void follow(const Manifest& manifest, const Manifest::Requirement& need) {
    const auto found = _byName.find(need.bundle);
    if (found == _byName.end()) {
      _problems.error(manifest.location,
                      "bundle '" + manifest.name + "' requires bundle '" + need.bundle + "', which is not there or is disabled");
      return;
    }
    checkVersion(manifest, need, *found->second.manifest);
    if (found->second.mark == Mark::open)
      reportCycle(manifest, need.bundle);
    else
      visit(found->second);
  }

  void checkVersion(const Manifest& manifest, const Manifest::Requirement& need, const Manifest& other) {
    const auto wanted = parseVersion(need.version.empty() ? "0" : need.version);
    const auto have = parseVersion(other.version);
    if (!wanted)
      _problems.error(manifest.location, "bundle '" + manifest.name + "' requires '" + need.bundle + "' in version '" + need.version +
                                             "', which is not of the form 1.2.3");
    else if (have && !need.version.empty() && !fits(*have, *wanted))
      _problems.error(manifest.location,
                      "bundle '" + manifest.name + "' requires '" + need.bundle + "' " + need.version + ", but there is " + other.version);
  }

  void reportCycle(const Manifest& manifest, const std::string& back) {
    std::string text;
    for (auto name = std::find(_path.begin(), _path.end(), back); name != _path.end(); ++name) text += *name + " -> ";
    _problems.error(manifest.location, "bundles require each other in a cycle: " + text + back);
  }

  std::map<std::string, Place> _byName;
  Pipeline::Problems& _problems;
  std::vector<std::string> _path;
  std::vector<Manifest> _sorted;
};

}  // namespace

std::vector<Manifest> readManifests(const std::vector<std::string>& folders, Pipeline::Problems& problems) {
  std::vector<Manifest> manifests;
  for (const auto& folder : folders) {
    for (const auto& path : bundleFolders(folder, problems)) {
      auto manifest = ManifestReader(problems).read(path);
      if (!manifest) continue;
      const auto same =
          std::find_if(manifests.begin(), manifests.end(), [&](const Manifest& other) { return other.name == manifest->name; });
      if (same != manifests.end()) {
        if (same->folder != path) problems.error(manifest->location, "bundle '" + manifest->name + "' is already in " + same->folder);
        continue;
      }
      checkNumbers(*manifest, problems);
      checkFiles(*manifest, problems);
      manifests.push_back(std::move(*manifest));
    }
  }
  return manifests;
}

std::vector<Manifest> inDependencyOrder(std::vector<Manifest> manifests, Pipeline::Problems& problems) {
  return Order(manifests, problems).run();
}

}  // namespace Patchbay::Bundle
