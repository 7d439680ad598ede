#include "RuleRun.h"

using namespace Patchbay;

/// A condition of a rule.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static Fuzz::RuleRun rules;
  const Fuzz::Input input(data, size);
  Pipeline::Node rule{"rule", {{"if", std::string(input.text())}}, {Pipeline::Node{"log", {{"text", "held"}}, {}, {}}}, {}};
  Pipeline::Node pipeline{"pipeline", {{"name", "r"}, {"on", "reply"}}, {rule}, {}};
  const Pipeline::Node routing{"routing", {}, {pipeline}, {}};
  const auto listing = rules.run(routing);
  if (!listing.empty()) Fuzz::require(rules.run(routing) == listing, "the same condition gives the same program");
  return 0;
}
