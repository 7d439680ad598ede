#include "patchbay/admin/Operations.h"

#include <algorithm>

#include <Poco/Exception.h>
#include <Poco/URI.h>

#include "patchbay/pipeline/Fit.h"

namespace Patchbay::Admin {

namespace {

using Segments = std::vector<std::string>;

Segments segmentsOf(const std::string& path) {
  Segments segments;
  size_t start = path.starts_with('/') ? 1 : 0;
  for (size_t slash; (slash = path.find('/', start)) != std::string::npos; start = slash + 1)
    segments.push_back(path.substr(start, slash - start));
  segments.push_back(path.substr(start));
  return segments;
}

bool isParameter(const std::string& segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

std::string nameIn(const std::string& segment) {
  return segment.substr(1, segment.size() - 2);
}

/// How many fixed segments fit; none when the path is another one.
std::optional<size_t> fit(const Segments& pattern, const Segments& path, Arguments& arguments) {
  if (pattern.size() != path.size()) return {};
  size_t fixed = 0;
  for (size_t i = 0; i < path.size(); ++i) {
    if (isParameter(pattern[i]) ? path[i].empty() : pattern[i] != path[i]) return {};
    if (isParameter(pattern[i]))
      Poco::URI::decode(path[i], arguments[nameIn(pattern[i])]);
    else
      ++fixed;
  }
  return fixed;
}

const Pipeline::Parameter* parameterOf(const Operation& operation, const std::string& name) {
  const auto& all = operation.parameters;
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name == name; });
  return found == all.end() ? nullptr : &*found;
}

std::vector<std::string> namesOf(const Operation& operation) {
  std::vector<std::string> names;
  for (const auto& parameter : operation.parameters) names.push_back(parameter.name);
  return names;
}

}  // namespace

std::vector<std::string> pathParameters(const std::string& path) {
  std::vector<std::string> names;
  for (const auto& segment : segmentsOf(path))
    if (isParameter(segment)) names.push_back(nameIn(segment));
  return names;
}

void Operations::add(Operation operation) {
  for (const auto& name : pathParameters(operation.path))
    if (!parameterOf(operation, name))
      throw Poco::LogicException("operation '" + operation.name + "': the path's {" + name + "} is no parameter");
  _all.with([&](auto& all) {
    for (const auto& other : all)
      if (other->name == operation.name || (other->method == operation.method && other->path == operation.path))
        throw Poco::LogicException("operation '" + operation.name + "' is '" + other->name + "', or has its path");
    all.push_back(std::make_shared<const Operation>(std::move(operation)));
  });
}

std::vector<Operations::Held> Operations::all() const {
  return _all.with([](const auto& all) { return all; });
}

Operations::Match Operations::find(const std::string& method, const std::string& path) const {
  const Segments segments = segmentsOf(path);
  Match match;
  size_t best = 0;
  for (const auto& operation : all()) {
    Arguments arguments;
    const auto fixed = fit(segmentsOf(operation->path), segments, arguments);
    if (!fixed) continue;
    if (operation->method != method)
      match.allowed += (match.allowed.empty() ? "" : ", ") + operation->method;
    else if (!match.operation || *fixed > best)
      match.operation = operation, match.arguments = std::move(arguments), best = *fixed;
  }
  return match;
}

std::vector<std::string> check(const Operation& operation, Arguments& arguments) {
  std::vector<std::string> problems;
  for (const auto& [name, value] : arguments) {
    const auto* parameter = parameterOf(operation, name);
    if (!parameter)
      problems.push_back("there is no parameter '" + name + "'" + Pipeline::suggestion(name, namesOf(operation)));
    else if (const auto why = Pipeline::whyUnfit(*parameter, value))
      problems.push_back(name + ": " + *why);
  }
  for (const auto& parameter : operation.parameters) {
    if (arguments.count(parameter.name)) continue;
    if (parameter.required)
      problems.push_back("the parameter '" + parameter.name + "' is missing: " + parameter.summary);
    else if (parameter.fallback)
      arguments[parameter.name] = *parameter.fallback;
  }
  return problems;
}

}  // namespace Patchbay::Admin
