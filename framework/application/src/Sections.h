#pragma once

#include <string>
#include <vector>

#include "patchbay/pipeline/Declaration.h"

namespace Patchbay::Application {

/// An element of the configuration that the framework itself knows; the others are named after bundles.
struct Section {
  std::string name;
  std::string summary;
  std::vector<Pipeline::Parameter> attributes;
  std::vector<Section> children = {};
};

const std::vector<Section>& sections();
/// One of sections() (it must be there).
const Section& section(std::string_view name);
/// Constants that exist without a <define>.
struct Predefined {
  const char* name;
  const char* summary;
};
const std::vector<Predefined>& predefined();

}  // namespace Patchbay::Application
