#include "XmlReader.h"

#include <algorithm>
#include <array>

#include <Poco/SAX/Attributes.h>
#include <Poco/SAX/SAXException.h>
#include <Poco/SAX/SAXParser.h>

namespace Patchbay::Pipeline {

namespace {

constexpr std::array<std::string_view, 4> Namespaces{"", "urn:patchbay:routing", "urn:patchbay:configuration", "urn:patchbay:bundle"};

bool isBlank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

}  // namespace

std::optional<Node> XmlReader::read(std::string_view text) {
  try {
    Poco::XML::SAXParser parser;
    parser.setFeature(Poco::XML::XMLReader::FEATURE_NAMESPACES, true);
    parser.setFeature(Poco::XML::XMLReader::FEATURE_EXTERNAL_GENERAL_ENTITIES, false);
    parser.setFeature(Poco::XML::XMLReader::FEATURE_EXTERNAL_PARAMETER_ENTITIES, false);
    parser.setContentHandler(this);
    parser.setProperty(Poco::XML::XMLReader::PROPERTY_LEXICAL_HANDLER, static_cast<Poco::XML::LexicalHandler*>(this));
    parser.parseMemoryNP(text.data(), text.size());
  } catch (const Poco::XML::SAXParseException& problem) {
    std::string open;
    if (!_open.empty()) open = "; <" + _open.back().name + "> of line " + std::to_string(_open.back().location.line) + " is not closed yet";
    _problems.error({_file, problem.getLineNumber()}, "not well-formed XML: " + problem.message() + open);
  } catch (const Poco::Exception& problem) {
    if (!_refused) _problems.error({_file, 0}, problem.displayText());
  }
  _locator = nullptr;
  if (!_root && !_open.empty()) _root = std::move(_open.front());
  return std::move(_root);
}

void XmlReader::startElement(const std::string& uri, const std::string& local, const std::string&,
                             const Poco::XML::Attributes& attributes) {
  if (_open.size() >= MostDepth) refuse("elements nested deeper than " + std::to_string(MostDepth));
  checkNamespace(uri, local);
  Node node;
  node.name = local;
  node.location = here();
  takeAttributes(node, attributes);
  _open.push_back(std::move(node));
  _textTold = false;
}

void XmlReader::checkNamespace(const std::string& uri, const std::string& element) {
  if (std::find(Namespaces.begin(), Namespaces.end(), uri) != Namespaces.end()) return;
  std::string allowed;
  for (const std::string_view name : Namespaces) allowed += name.empty() ? "none" : ", " + std::string(name);
  _problems.error(here(), "<" + element + "> is in the unknown namespace '" + uri + "'; allowed: " + allowed);
}

void XmlReader::takeAttributes(Node& node, const Poco::XML::Attributes& attributes) {
  for (int i = 0; i < attributes.getLength(); ++i) {
    if (!attributes.getURI(i).empty()) {
      _problems.error(here(), "<" + node.name + ">: attribute '" + attributes.getLocalName(i) + "' is in the unknown namespace '" +
                                  attributes.getURI(i) + "'");
      continue;
    }
    node.attributes.push_back({attributes.getLocalName(i), attributes.getValue(i)});
  }
}

void XmlReader::endElement(const std::string&, const std::string&, const std::string&) {
  Node node = std::move(_open.back());
  _open.pop_back();
  if (_open.empty())
    _root = std::move(node);
  else
    _open.back().children.push_back(std::move(node));
}

void XmlReader::characters(const char text[], int start, int length) {
  const std::string_view found(text + start, static_cast<size_t>(length));
  if (_textTold || isBlank(found)) return;
  _textTold = true;
  const std::string inside = _open.empty() ? std::string() : " inside <" + _open.back().name + ">";
  const std::string shown(found.substr(0, 40));
  _problems.error(here(), "text '" + shown + "'" + inside + ": values stand in attributes, between elements only blanks are allowed");
}

void XmlReader::processingInstruction(const std::string& target, const std::string&) {
  _problems.error(here(), "processing instruction <?" + target + "?> is not allowed");
}

void XmlReader::skippedEntity(const std::string& name) {
  _problems.error(here(), "unknown entity '&" + name + ";'");
}

void XmlReader::startDTD(const std::string&, const std::string&, const std::string&) {
  refuse("a document type (DOCTYPE) is not allowed");
}

/// Ends the reading: the parser's locator does not outlive what is thrown.
void XmlReader::refuse(const std::string& text) {
  _refused = true;
  _problems.error(here(), text);
  throw Poco::XML::SAXException(text);
}

}  // namespace Patchbay::Pipeline
