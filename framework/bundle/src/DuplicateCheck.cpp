#include "DuplicateCheck.h"

namespace Patchbay::Bundle {

namespace {

const char* const LanguageWords[] = {"routing", "pipeline", "rule", "else", "first", "set", "define", "include", "route", "return", "stop"};

}  // namespace

DuplicateCheck::DuplicateCheck(Pipeline::Problems& problems) : _problems(problems) {
  for (const char* word : LanguageWords) _owners[std::string("action ") + word] = "";
}

void DuplicateCheck::claim(const Loaded& loaded, const std::string& kind, const std::string& name) {
  const auto [owner, isNew] = _owners.emplace(kind + " " + name, loaded.manifest.name);
  if (isNew) return;
  const std::string taken = owner->second.empty() ? "belongs to the rule language" : "is already given by bundle '" + owner->second + "'";
  _problems.error(loaded.manifest.location, "bundle '" + loaded.manifest.name + "': " + kind + " '" + name + "' " + taken);
}

void DuplicateCheck::add(const Loaded& loaded) {
  const Declaration& declaration = loaded.declaration;
  for (const auto& action : declaration.actions) claim(loaded, "action", action.name);
  for (const auto& variable : declaration.variables) claim(loaded, "variable", variable.name);
  for (const auto& membership : declaration.memberships) claim(loaded, "membership", membership.name);
  for (const auto& entry : declaration.entries) claim(loaded, "entry point", entry.name);
  for (const auto& setting : declaration.settings) claim(loaded, "setting of " + loaded.manifest.name, setting.name);
  for (const auto& metric : declaration.metrics) claim(loaded, "metric", metric.name);
  for (const auto& operation : declaration.operations) claim(loaded, "operation", operation.name);
}

}  // namespace Patchbay::Bundle
