#pragma once

#include <memory>
#include <string>
#include <vector>

#include "patchbay/bundle/Plugin.h"

namespace Patchbay::Bundle {

/// A bundle's manifest (bundle.xml), read and checked.
struct Manifest {
  struct Requirement {
    std::string bundle;
    std::string version;  ///< at least this, with the same first number
  };
  std::string name, version, summary, build, library, className;
  int api = 0;
  std::vector<Requirement> requires_;
  std::string folder;  ///< canonical
  Pipeline::Location location;
  bool usable = true;  ///< false: something reported forbids to open its library
};

/// Reads `<folder>/<name>.bundle/bundle.xml` of every bundle in these folders (or of a folder that is a bundle itself); everything wrong
/// goes to `problems`.
PATCHBAY_API std::vector<Manifest> readManifests(const std::vector<std::string>& folders, Pipeline::Problems& problems);
/// Dependency order (names break ties); missing requirements, versions that do not fit and cycles go to `problems`.
PATCHBAY_API std::vector<Manifest> inDependencyOrder(std::vector<Manifest> manifests, Pipeline::Problems& problems);
/// The build id of the running framework: manifests with another one are refused, since POCO compares base classes by name only.
PATCHBAY_API const char* buildId();
PATCHBAY_API const char* version();

/// One loaded bundle.
struct Loaded {
  Manifest manifest;
  Plugin* plugin = nullptr;  ///< owned by the Loader
  Declaration declaration;
};

/// Opens libraries with Poco::ClassLoader and makes each bundle's plug-in: all or nothing. Libraries stay mapped until the program ends.
class PATCHBAY_API Loader {
 public:
  Loader();
  ~Loader();
  /// In the given order, behind those that are loaded already; describes each one; refuses duplicates (actions, variables, settings,
  /// metrics). Everything wrong goes to `problems`.
  void load(const std::vector<Manifest>& manifests, Pipeline::Problems& problems);
  std::vector<Loaded>& bundles();
  /// The bundles from this one on are gone, as if never loaded; their libraries stay mapped.
  void forget(size_t from);

 private:
  struct State;
  std::unique_ptr<State> _state;
};

}  // namespace Patchbay::Bundle
