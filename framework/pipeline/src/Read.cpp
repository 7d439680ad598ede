#include <algorithm>
#include <cerrno>
#include <fstream>
#include <sstream>
#include <system_error>

#include <Poco/File.h>
#include <Poco/Path.h>

#include "Characters.h"
#include "PropertiesReader.h"
#include "XmlReader.h"

namespace Patchbay::Pipeline {

namespace {

constexpr size_t LargestFileBytes = 16 << 20;

bool endsWith(const std::string& path, std::string_view extension) {
  return path.size() >= extension.size() && path.compare(path.size() - extension.size(), extension.size(), extension) == 0;
}

std::optional<Node> parse(std::string_view text, const std::string& name, bool properties, Problems& problems) {
  auto file = std::make_shared<const std::string>(name);
  if (text.size() > LargestFileBytes) {
    problems.error({file, 0}, "larger than 16 MiB");
    return std::nullopt;
  }
  if (!properties) return XmlReader(file, problems).read(text);
  const PropertyKey keys = PropertyKeys(file, problems).read(text);
  Node node = PropertiesReader(file, problems).read(keys);
  checkCharacters(node, problems);
  return node;
}

/// Reads a file and what it includes; `open` are the files that are being read, outermost first.
class FileReader {
 public:
  explicit FileReader(Problems& problems) : _problems(problems) {}
  std::optional<Node> read(const std::string& path, const Location& from);

 private:
  std::optional<std::string> load(const std::string& path, const Location& from);
  void include(Node& node, std::vector<std::string>& enclosing);
  std::vector<Node> included(const Node& element, const std::vector<std::string>& enclosing);

  Problems& _problems;
  std::vector<std::string> _open;
  size_t _total = 0;
};

std::optional<Node> FileReader::read(const std::string& path, const Location& from) {
  const bool properties = endsWith(path, ".properties");
  if (!properties && !endsWith(path, ".xml")) {
    _problems.error(from, "'" + path + "' is neither .xml nor .properties");
    return std::nullopt;
  }
  const std::string canonical = Poco::Path(path).makeAbsolute().toString();
  if (std::find(_open.begin(), _open.end(), canonical) != _open.end()) {
    _problems.error(from, "'" + path + "' includes itself");
    return std::nullopt;
  }
  const auto text = load(path, from);
  if (!text) return std::nullopt;
  auto node = parse(*text, path, properties, _problems);
  if (!node) return node;
  _open.push_back(canonical);
  std::vector<std::string> enclosing;
  include(*node, enclosing);
  _open.pop_back();
  return node;
}

std::optional<std::string> FileReader::load(const std::string& path, const Location& from) {
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  const int reason = stream ? EISDIR : errno;
  if (!stream || Poco::File(path).isDirectory()) {
    _problems.error(from, "cannot read '" + path + "': " + std::generic_category().message(reason));
    return std::nullopt;
  }
  std::string text(LargestFileBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(stream.gcount()));
  _total += text.size();
  if (_total <= LargestFileBytes) return text;
  _problems.error(from, "'" + path + "' is, with what it includes, larger than 16 MiB");
  return std::nullopt;
}

void FileReader::include(Node& node, std::vector<std::string>& enclosing) {
  enclosing.push_back(node.name);
  std::vector<Node> children;
  for (Node& child : node.children) {
    if (child.name != "include") {
      include(child, enclosing);
      children.push_back(std::move(child));
      continue;
    }
    for (Node& found : included(child, enclosing)) children.push_back(std::move(found));
  }
  node.children = std::move(children);
  enclosing.pop_back();
}

/// A file whose root is called like an element around the include gives its children; any other is put in whole.
std::vector<Node> FileReader::included(const Node& element, const std::vector<std::string>& enclosing) {
  const std::string* file = element.attribute("file");
  if (!file || element.attributes.size() != 1 || !element.children.empty()) {
    _problems.error(element.location, "<include> has one attribute: file");
    return {};
  }
  Poco::Path path(*file);
  if (path.isRelative()) path = Poco::Path(*element.location.file).makeParent().append(path);
  auto root = read(path.toString(), element.location);
  if (!root) return {};
  if (std::find(enclosing.begin(), enclosing.end(), root->name) == enclosing.end()) {
    std::vector<Node> whole;
    whole.push_back(std::move(*root));
    return whole;
  }
  if (!root->attributes.empty()) _problems.error(root->location, "an included <" + root->name + "> may have no attributes");
  return std::move(root->children);
}

void refuseIncludes(const Node& node, Problems& problems) {
  if (node.name == "include") problems.error(node.location, "<include> is not allowed here");
  for (const Node& child : node.children) refuseIncludes(child, problems);
}

std::optional<Node> readText(std::string_view text, const std::string& name, bool properties, Problems& problems) {
  auto node = parse(text, name, properties, problems);
  if (node) refuseIncludes(*node, problems);
  return node;
}

}  // namespace

std::optional<Node> read(const std::string& path, Problems& problems) {
  return FileReader(problems).read(path, {std::make_shared<const std::string>(path), 0});
}

std::optional<Node> readXml(std::string_view text, const std::string& name, Problems& problems) {
  return readText(text, name, false, problems);
}

std::optional<Node> readProperties(std::string_view text, const std::string& name, Problems& problems) {
  return readText(text, name, true, problems);
}

}  // namespace Patchbay::Pipeline
