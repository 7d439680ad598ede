#include "RuleRun.h"

using namespace Patchbay;

namespace {

/// Both spellings of a tree read back to the same tree, and to the same program.
void checkSpellings(const Pipeline::Node& node, Fuzz::RuleRun& rules) {
  const auto listing = rules.run(node);
  Pipeline::Problems problems;
  const auto properties = Pipeline::readProperties(Pipeline::writeProperties(node), "again.properties", problems);
  const auto xml = Pipeline::readXml(Pipeline::writeXml(node), "again.xml", problems);
  Fuzz::require(!problems.hasErrors() && properties && xml, "what is written can be read");
  Fuzz::require(xml->toString() == node.toString(), "XML gives the tree back");
  Fuzz::require(properties->toString() == node.toString(), "properties give the tree back");
  if (!listing.empty()) Fuzz::require(rules.run(*properties) == listing, "both spellings give the same program");
}

}  // namespace

/// A file of rules or settings: XML when it begins with '<', else properties.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static Fuzz::RuleRun rules;
  const Fuzz::Input input(data, size);
  Pipeline::Problems problems;
  const bool isXml = input.text().starts_with('<');
  const auto node =
      isXml ? Pipeline::readXml(input.text(), "rules.xml", problems) : Pipeline::readProperties(input.text(), "rules.properties", problems);
  Fuzz::require(node || problems.hasErrors(), "a file is refused for a reason");
  if (node && !problems.hasErrors()) checkSpellings(*node, rules);
  return 0;
}
