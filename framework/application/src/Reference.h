#pragma once

#include <string>
#include <vector>

#include "patchbay/bundle/Loader.h"

namespace Patchbay::Application {

/// The reference manual, made from what the bundles declare: a page for each bundle, README.md as the index with the configuration's own
/// elements, and routing.xsd for editors.
class PATCHBAY_API Reference {
 public:
  explicit Reference(const std::vector<Bundle::Loaded>& bundles) : _bundles(bundles) {}
  /// Makes the folder. Throws Poco::FileException.
  void write(const std::string& folder) const;
  std::string page(const Bundle::Loaded& bundle) const;
  std::string index() const;

 private:
  const std::vector<Bundle::Loaded>& _bundles;
};

/// The XML schema of rule files with these bundles' actions.
std::string routingSchema(const std::vector<Bundle::Loaded>& bundles);

}  // namespace Patchbay::Application
