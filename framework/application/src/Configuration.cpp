#include "Configuration.h"

#include <algorithm>
#include <filesystem>

#include "Folders.h"

namespace Patchbay::Application {

namespace fs = std::filesystem;
using Bundle::NodeSettings;
using Pipeline::Node;

namespace {

std::vector<std::string> names(const std::vector<Section>& list) {
  std::vector<std::string> all;
  for (const auto& one : list) all.push_back(one.name);
  return all;
}

/// Every `${name}` in the attributes of a tree.
void collectUses(const Node& node, std::set<std::string>& uses) {
  for (const auto& attribute : node.attributes) Bundle::expand(attribute.value, {}, [&](const std::string& name) { uses.insert(name); });
  for (const auto& child : node.children) collectUses(child, uses);
}

void collectDefines(const Node& node, std::set<std::string>& defined) {
  for (const auto& child : node.children) {
    const auto* name = child.attribute("name");
    if (child.name == "define" && name) defined.insert(*name);
    collectDefines(child, defined);
  }
}

}  // namespace

Configuration::Configuration(const Server::Options& options, Pipeline::Problems& problems) : _problems(problems) {
  const std::string path = options.configuration.empty() ? "configuration" : options.configuration;
  _whole = {std::make_shared<const std::string>(path), 1};
  _folder = options.configuration.empty() ? fs::current_path().string() : fs::absolute(options.configuration).parent_path().string();
  setPredefined(options);
  _source = std::make_shared<ReadConfiguration>();
  auto root = options.read ? options.read->root : read(options);
  _source->root = root;
  const bool readable = !_problems.hasErrors();
  if (!root) root = Node{"patchbay", {}, {}, _whole};
  if (root->name != "patchbay") {
    _problems.error(root->location, "the root of a configuration is <patchbay>, not <" + root->name + ">");
    root->children.clear();
  }
  for (const auto& attribute : root->attributes) _problems.error(root->location, "<patchbay> has no attribute '" + attribute.name + "'");
  define(*root, options);
  takeSections(*root);
  takeBundles(options);
  if (options.read)
    _routing = options.read->routing;
  else if (readable || _present.count("routing"))
    takeRouting();  // else the rules may stand in what could not be read
  _source->routing = _routing;
  checkDefines(options, *root);
}

std::optional<Node> Configuration::read(const Server::Options& options) {
  const std::string& text = options.configurationText;
  if (text.empty()) return Pipeline::read(options.configuration, _problems);
  const size_t first = text.find_first_not_of(" \t\r\n");
  const bool xml = first != std::string::npos && text[first] == '<';
  return xml ? Pipeline::readXml(text, *_whole.file, _problems) : Pipeline::readProperties(text, *_whole.file, _problems);
}

void Configuration::setPredefined(const Server::Options& options) {
  _constants["config"] = _folder;
  _constants["program"] = programFolder();
  _constants["data"] = defaultDataFolder();
  for (const auto& [name, value] : options.defines) _constants[name] = value;
}

/// Later ones may use earlier ones.
void Configuration::define(const Node& root, const Server::Options& options) {
  std::set<std::string> seen;
  for (const auto& node : root.children) {
    if (node.name != "define") continue;
    checkChildren(node, section("define"));
    const NodeSettings settings(section("define").attributes, &node, _constants, _whole, _problems);
    const std::string name = settings.text("name");
    if (!seen.insert(name).second) _problems.error(node.location, "the constant '" + name + "' is defined twice");
    if (!options.defines.count(name)) _constants[name] = settings.text("value");
  }
}

void Configuration::takeSections(const Node& root) {
  for (const auto& node : root.children)
    if (node.name != "define") takeElement(node);
  const auto take = [&](const std::string& name) {
    const auto found = _present.find(name);
    _sections[name] = std::make_unique<NodeSettings>(section(name).attributes, found == _present.end() ? nullptr : &found->second,
                                                     _constants, _whole, _problems);
  };
  take("server");
  takeData();
  for (const char* name : {"data", "log", "admin", "bundles", "routing"}) take(name);
  takeLog();
}

void Configuration::takeElement(const Node& node) {
  const auto known = std::find_if(sections().begin(), sections().end(), [&](const Section& one) { return one.name == node.name; });
  if (known == sections().end()) {
    _bundleElements.push_back(node);
    return;
  }
  if (node.name != "routing") checkChildren(node, *known);
  const auto [first, isNew] = _present.emplace(node.name, node);
  if (!isNew)
    _problems.error(node.location, "a second <" + node.name + ">; the first is in line " + std::to_string(first->second.location.line));
}

void Configuration::checkChildren(const Node& node, const Section& section) {
  for (const auto& child : node.children) {
    const auto allowed = names(section.children);
    if (std::find(allowed.begin(), allowed.end(), child.name) == allowed.end())
      _problems.error(child.location, "<" + child.name + "> is not allowed in <" + node.name + ">" +
                                          (allowed.empty() ? ", which holds no elements" : Pipeline::suggestion(child.name, allowed)));
  }
}

/// From `<server data="">`, whose default is ${data}; ${data} then means this folder, made absolute.
void Configuration::takeData() {
  const auto& server = of("server");
  const std::string folder = server.given("data") ? server.text("data") : _constants["data"];
  if (folder.empty()) {
    _problems.error(server.location("data"),
                    "no data folder: /var/lib/patchbay cannot be written and there is no $HOME; set <server data=\"...\"/>");
    return;
  }
  _dataFolder = absolute(folder, _folder);
  _constants["data"] = _dataFolder;
}

void Configuration::takeLog() {
  const auto& settings = of("log");
  _log.target = settings.text("target") == "syslog" ? Log::Target::syslog : Log::Target::standardError;
  _log.layout = settings.text("layout") == "json" ? Log::Layout::json : Log::Layout::text;
  _log.level = Log::levelOf(settings.text("level")).value_or(Log::Level::information);
  _log.ident = settings.text("ident");
  _log.facility = settings.text("facility");
  const auto element = _present.find("log");
  if (element == _present.end()) return;
  for (const auto& child : element->second.children) {
    if (child.name != "logger") continue;
    const NodeSettings logger(section("log").children.front().attributes, &child, _constants, _whole, _problems);
    if (const auto level = Log::levelOf(logger.text("level"))) _log.levels[logger.text("name")] = *level;
  }
}

void Configuration::takeBundles(const Server::Options& options) {
  _bundleFolders = options.bundleFolders;
  if (_bundleFolders.empty())
    for (const auto& folder : of("bundles").list("folder")) _bundleFolders.push_back(absolute(folder, _folder));
  if (_bundleFolders.empty()) {
    if (const std::string found = bundlesBesideProgram(); !found.empty())
      _bundleFolders.push_back(found);
    else if (options.extraBundles.empty())
      _problems.error(_whole, "no bundles found; looked for " + bundlePlaces() + " (say where: <bundles folder=\"...\"/>)");
  }
  _bundleFolders.insert(_bundleFolders.end(), options.extraBundles.begin(), options.extraBundles.end());
  const auto element = _present.find("bundles");
  if (element == _present.end()) return;
  for (const auto& child : element->second.children) {
    if (child.name != "disable") continue;
    const NodeSettings settings(section("bundles").children.front().attributes, &child, _constants, _whole, _problems);
    _disabled[settings.text("name")] = child.location;
  }
}

void Configuration::takeRouting() {
  const auto element = _present.find("routing");
  if (element == _present.end()) {
    _problems.error(_whole, "no rules: <routing file=\"routing.xml\"/> or <routing> with pipelines is missing");
    return;
  }
  const Node& node = element->second;
  const std::string file = of("routing").text("file");
  if (!of("routing").given("file")) {
    _routing = node;
    return;
  }
  if (!node.children.empty()) _problems.error(node.location, "<routing> has both the attribute 'file' and pipelines of its own");
  const std::string path = fs::path(file).is_absolute() ? file : (fs::path(*_whole.file).parent_path() / file).string();
  if (!fs::exists(path)) {
    _problems.error(node.location, "<routing file>: there is no file " + path);
    return;
  }
  _routing = Pipeline::read(path, _problems);
  if (!_routing || _routing->name == "routing") return;
  _problems.error(_routing->location, "the root of a rule file is <routing>, not <" + _routing->name + ">");
  _routing.reset();
}

void Configuration::checkDefines(const Server::Options& options, const Node& root) {
  std::set<std::string> known;
  for (const auto& one : predefined()) known.insert(one.name);
  collectUses(root, known);
  collectDefines(root, known);
  if (_routing) {
    collectUses(*_routing, known);
    collectDefines(*_routing, known);
  }
  const std::vector<std::string> list(known.begin(), known.end());
  for (const auto& [name, value] : options.defines)
    if (!known.count(name))
      _problems.error({std::make_shared<const std::string>("command line"), 1},
                      "--define " + name + ": no <define> and no ${...} has this name" + Pipeline::suggestion(name, list));
}

}  // namespace Patchbay::Application
