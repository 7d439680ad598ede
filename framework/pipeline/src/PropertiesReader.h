#pragma once

#include "PropertyKeys.h"

namespace Patchbay::Pipeline {

/// Turns a tree of keys into elements. Configuration: `name.name = value` is an attribute, `name.2.name = value` one of a numbered child,
/// `name.2 =` a child without attributes. Rules: see rules().
class PropertiesReader {
 public:
  PropertiesReader(std::shared_ptr<const std::string> file, Problems& problems) : _file(std::move(file)), _problems(problems) {}
  Node read(const PropertyKey& root);

 private:
  struct Numbered {
    unsigned number;
    Node node;
  };
  std::string rootName(const PropertyKey& root, bool& plain);
  void settings(const std::vector<const PropertyKey*>& keys, Node& node, bool rulesBelow);
  void childrenOf(const PropertyKey& key, std::vector<Numbered>& children);
  void rules(const std::vector<const PropertyKey*>& keys, Node& routing);
  Node pipeline(const PropertyKey& key);
  void namedValues(const PropertyKey& key, const char* attribute, std::vector<Node>& out);
  void body(const PropertyKey& key, Node& parent);
  Node item(const PropertyKey& key);
  Node ruleOrFirst(const PropertyKey& key);
  Node step(const PropertyKey& key);
  void stepAttributes(std::string_view text, const PropertyKey& key, Node& node);
  Node element(std::string name, const PropertyKey& key) const { return {std::move(name), {}, {}, at(key)}; }
  Location at(const PropertyKey& key) const { return {_file, key.line}; }

  std::shared_ptr<const std::string> _file;
  Problems& _problems;
};

}  // namespace Patchbay::Pipeline
