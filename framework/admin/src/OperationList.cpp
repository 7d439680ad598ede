#include <algorithm>

#include <Poco/JSON/Array.h>

#include "patchbay/admin/Endpoint.h"

namespace Patchbay::Admin {

namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Array listOf(const std::vector<std::string>& words) {
  Array list;
  for (const auto& word : words) list.add(word);
  return list;
}

Object written(const Operation& operation, const Pipeline::Parameter& parameter) {
  Object out(Poco::JSON_PRESERVE_KEY_ORDER);
  out.set("name", parameter.name);
  out.set("type", Pipeline::nameOf(parameter.type));
  out.set("summary", parameter.summary);
  out.set("required", parameter.required);
  if (parameter.fallback) out.set("default", *parameter.fallback);
  if (!parameter.choices.empty()) out.set("choices", listOf(parameter.choices));
  if (has(operation.secrets, parameter.name)) out.set("secret", true);
  if (has(operation.files, parameter.name)) out.set("file", true);
  return out;
}

Object written(const Operation& operation) {
  Object out(Poco::JSON_PRESERVE_KEY_ORDER);
  out.set("name", operation.name);
  out.set("summary", operation.summary);
  out.set("method", operation.method);
  out.set("path", operation.path);
  out.set("role", nameOf(operation.role));
  Array parameters;
  for (const auto& parameter : operation.parameters) parameters.add(written(operation, parameter));
  out.set("parameters", parameters);
  if (!operation.columns.empty()) out.set("columns", listOf(operation.columns));
  return out;
}

}  // namespace

Operation operationsOperation(const Operations& operations) {
  const auto run = [&operations](const Arguments&) {
    auto all = operations.all();
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a->name < b->name; });
    Array list;
    for (const auto& operation : all) list.add(written(*operation));
    return Answer{200, list};
  };
  return {.name = "operations",
          .summary = "What can be asked and changed, with parameters.",
          .path = "/operations",
          .run = run,
          .columns = {"name", "summary", "method", "path", "role"}};
}

}  // namespace Patchbay::Admin
