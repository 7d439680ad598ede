#include <algorithm>

#include <Poco/JSON/Array.h>

#include "patchbay/admin/Operations.h"

/// The OpenAPI document, from the declarations alone.
namespace Patchbay::Admin {

namespace {

using Pipeline::Parameter;
using Pipeline::Type;
using Poco::JSON::Array;
using Poco::JSON::Object;

Object object() {
  return Object(Poco::JSON_PRESERVE_KEY_ORDER);
}

Object of(const std::string& name, const Poco::Dynamic::Var& value) {
  Object one = object();
  one.set(name, value);
  return one;
}

const char* typeNameOf(Type type) {
  switch (type) {
    case Type::boolean:
      return "boolean";
    case Type::integer:
      return "integer";
    case Type::number:
      return "number";
    case Type::list:
      return "array";
    default:
      return "string";
  }
}

Object schemaOf(const Parameter& parameter) {
  Object schema = of("type", typeNameOf(parameter.type));
  if (parameter.type == Type::list) schema.set("items", of("type", "string"));
  if (parameter.type == Type::duration || parameter.type == Type::bytes || parameter.type == Type::address ||
      parameter.type == Type::network)
    schema.set("format", Pipeline::nameOf(parameter.type));
  if (parameter.type == Type::integer && parameter.least != std::numeric_limits<int64_t>::min()) schema.set("minimum", parameter.least);
  if (parameter.type == Type::integer && parameter.most != std::numeric_limits<int64_t>::max()) schema.set("maximum", parameter.most);
  if (parameter.fallback) schema.set("default", *parameter.fallback);
  Array choices;
  for (const auto& choice : parameter.choices) choices.add(choice);
  if (!parameter.choices.empty()) schema.set("enum", choices);
  return schema;
}

Object parameterOf(const Parameter& parameter, const char* in) {
  Object one = object();
  one.set("name", parameter.name);
  one.set("in", in);
  one.set("required", parameter.required || std::string(in) == "path");
  one.set("description", parameter.summary);
  one.set("schema", schemaOf(parameter));
  return one;
}

bool isSecret(const Operation& operation, const std::string& name) {
  return std::find(operation.secrets.begin(), operation.secrets.end(), name) != operation.secrets.end();
}

Object bodyOf(const Operation& operation, const std::vector<const Parameter*>& members) {
  Object properties = object();
  Array required;
  for (const auto* member : members) {
    Object schema = schemaOf(*member);
    schema.set("description", member->summary);
    if (isSecret(operation, member->name)) schema.set("format", "password");
    properties.set(member->name, schema);
    if (member->required) required.add(member->name);
  }
  Object schema = of("type", "object");
  schema.set("properties", properties);
  schema.set("additionalProperties", false);
  const bool needed = required.size() != 0;
  if (needed) schema.set("required", required);
  Object body = of("required", needed);
  body.set("content", of("application/json", of("schema", schema)));
  return body;
}

Object responses() {
  const std::pair<const char*, const char*> all[] = {{"200", "What was asked for, or what became of it."},
                                                     {"400", "An argument is missing, unknown or wrong."},
                                                     {"401", "No token, or an unknown one."},
                                                     {"403", "The token's role does not allow it."},
                                                     {"404", "There is none of that name."},
                                                     {"409", "It is there already, or cannot be done now."}};
  Object out = object();
  for (const auto& [status, text] : all) {
    const bool good = std::string(status) == "200";
    Object response = of("description", text);
    response.set("content", of("application/json", of("schema", good ? object() : of("$ref", "#/components/schemas/Error"))));
    out.set(status, response);
  }
  return out;
}

Object described(const Operation& operation) {
  Object out = of("operationId", operation.name);
  out.set("summary", operation.summary);
  Array tags;
  tags.add(operation.name.substr(0, operation.name.find('.')));
  out.set("tags", tags);
  const auto inPath = pathParameters(operation.path);
  Array parameters;
  std::vector<const Parameter*> members;
  for (const auto& parameter : operation.parameters) {
    const bool path = std::find(inPath.begin(), inPath.end(), parameter.name) != inPath.end();
    if (path || operation.method == "GET")
      parameters.add(parameterOf(parameter, path ? "path" : "query"));
    else
      members.push_back(&parameter);
  }
  out.set("parameters", parameters);
  if (!members.empty()) out.set("requestBody", bodyOf(operation, members));
  out.set("responses", responses());
  out.set("x-role", nameOf(operation.role));
  return out;
}

Object components() {
  Object error = of("type", "object");
  Object properties = of("error", of("type", "string"));
  Object problems = of("type", "array");
  problems.set("items", of("type", "string"));
  properties.set("problems", problems);
  error.set("properties", properties);
  Object bearer = of("type", "http");
  bearer.set("scheme", "bearer");
  Object all = of("schemas", of("Error", error));
  all.set("securitySchemes", of("token", bearer));
  return all;
}

std::string lowered(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

Object openApi(const Operations& operations, const std::string& version) {
  Object document = of("openapi", "3.0.3");
  Object info = of("title", "Patchbay");
  info.set("description", "What operators can ask and change. Made from the declarations of the loaded bundles.");
  info.set("version", version);
  document.set("info", info);
  Array servers, security;
  servers.add(of("url", "/api/v1"));
  document.set("servers", servers);
  security.add(of("token", Array()));
  document.set("security", security);
  std::map<std::string, Object> paths;
  for (const auto& operation : operations.all()) {
    const auto [path, isNew] = paths.emplace(operation->path, object());
    path->second.set(lowered(operation->method), described(*operation));
  }
  Object all = object();
  for (const auto& [path, methods] : paths) all.set(path, methods);
  document.set("paths", all);
  document.set("components", components());
  return document;
}

}  // namespace Patchbay::Admin
