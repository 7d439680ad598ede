#include "Verbs.h"

#include <algorithm>

#include <Poco/JSON/Array.h>

#include "patchbay/pipeline/Problems.h"

namespace Patchbay::Client {

namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;

std::vector<std::string> textsOf(const Array::Ptr& list) {
  std::vector<std::string> texts;
  for (size_t i = 0; list && i < list->size(); ++i) texts.push_back(list->getElement<std::string>(static_cast<unsigned>(i)));
  return texts;
}

Verb::Parameter parameterOf(const Object& object) {
  Verb::Parameter parameter;
  parameter.name = object.getValue<std::string>("name");
  parameter.type = object.getValue<std::string>("type");
  parameter.summary = object.getValue<std::string>("summary");
  parameter.fallback = object.optValue<std::string>("default", "");
  parameter.required = object.optValue("required", false);
  parameter.secret = object.optValue("secret", false);
  parameter.file = object.optValue("file", false);
  parameter.choices = textsOf(object.getArray("choices"));
  return parameter;
}

Verb verbOf(const Object& object) {
  Verb verb;
  verb.verb = object.getValue<std::string>("name");
  std::replace(verb.verb.begin(), verb.verb.end(), '.', ' ');
  verb.summary = object.getValue<std::string>("summary");
  verb.method = object.getValue<std::string>("method");
  verb.path = object.getValue<std::string>("path");
  verb.role = object.getValue<std::string>("role");
  const auto parameters = object.getArray("parameters");
  for (size_t i = 0; parameters && i < parameters->size(); ++i)
    verb.parameters.push_back(parameterOf(*parameters->getObject(static_cast<unsigned>(i))));
  verb.columns = textsOf(object.getArray("columns"));
  return verb;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> words;
  for (size_t start = 0; start <= text.size();) {
    const size_t end = std::min(text.find(' ', start), text.size());
    words.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return words;
}

bool startsWith(const std::vector<std::string>& words, const std::vector<std::string>& first) {
  return first.size() <= words.size() && std::equal(first.begin(), first.end(), words.begin());
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

}  // namespace

std::string Verb::usage() const {
  std::string text = verb;
  for (const auto& parameter : parameters) {
    const std::string word = upper(parameter.name) + (parameter.type == "list" ? "..." : "");
    text += parameter.required && !parameter.secret ? " " + word : " [" + word + "]";
  }
  return text;
}

const Verb::Parameter* Verb::parameter(const std::string& name) const {
  const auto found = std::find_if(parameters.begin(), parameters.end(), [&](const auto& one) { return one.name == name; });
  return found == parameters.end() ? nullptr : &*found;
}

Verbs::Verbs(const Connection& connection) {
  const auto json = connection.operate("GET", "/operations").json();
  if (json.type() != typeid(Array::Ptr)) throw Failure{serverFault, "the server's list of operations is none"};
  const auto list = json.extract<Array::Ptr>();
  for (size_t i = 0; i < list->size(); ++i) _all.push_back(verbOf(*list->getObject(static_cast<unsigned>(i))));
}

const Verb& Verbs::find(std::vector<std::string>& words) const {
  const Verb* best = nullptr;
  size_t most = 0;
  std::string below;
  std::vector<std::string> names;
  for (const auto& verb : _all) {
    const auto parts = split(verb.verb);
    names.push_back(parts.front());
    if (parts.front() == words.front()) below += "\n  " + verb.usage();
    if (startsWith(words, parts) && parts.size() > most) best = &verb, most = parts.size();
  }
  if (!best && !below.empty()) throw Failure{wrongUse, "which '" + words.front() + "'? There are:" + below};
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  if (!best)
    throw Failure{wrongUse, "the server has no verb '" + words.front() + "'" + Pipeline::suggestion(words.front(), names) +
                                "\n'patchctl help' lists them; a bundle that is not loaded brings none."};
  words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(most));
  return *best;
}

}  // namespace Patchbay::Client
