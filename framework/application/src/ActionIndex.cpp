#include "ActionIndex.h"

#include <fstream>
#include <sstream>

#include <Poco/Exception.h>

namespace Patchbay::Application {

ActionIndex readIndex(const std::string& bundleFolder) {
  ActionIndex index;
  std::ifstream file(bundleFolder + "/actions.index");
  for (std::string action, bundle; file >> action >> bundle;) index[action] = bundle;
  return index;
}

void writeIndex(const std::string& bundleFolder, const std::vector<Bundle::Loaded>& bundles) {
  ActionIndex index;
  for (const auto& bundle : bundles)
    for (const auto& action : bundle.declaration.actions) index[action.name] = bundle.manifest.name;
  const std::string path = bundleFolder + "/actions.index";
  std::ofstream file(path);
  for (const auto& [action, bundle] : index) file << action << ' ' << bundle << '\n';
  if (!file.flush()) throw Poco::WriteFileException(path);
}

}  // namespace Patchbay::Application
