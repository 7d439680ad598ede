#include "ManifestReader.h"

#include <fstream>

#include <Poco/SAX/InputSource.h>
#include <Poco/SAX/SAXException.h>
#include <Poco/SAX/SAXParser.h>
#include <Poco/String.h>

namespace Patchbay::Bundle {

using Poco::XML::XMLString;

std::optional<Manifest> ManifestReader::read(const std::string& folder) {
  const std::string path = folder + "/bundle.xml";
  _manifest.folder = folder;
  _manifest.location = {std::make_shared<const std::string>(path), 1};
  std::ifstream file(path);
  if (!file) {
    _problems.error(_manifest.location, "cannot be read: each bundle has a manifest of this name");
    return {};
  }
  Poco::XML::SAXParser parser;
  parser.setContentHandler(this);
  parser.setErrorHandler(this);
  parser.setProperty(Poco::XML::XMLReader::PROPERTY_LEXICAL_HANDLER, static_cast<Poco::XML::LexicalHandler*>(this));
  Poco::XML::InputSource source(file);
  try {
    parser.parse(&source);
    requireAll();
  } catch (const Poco::XML::SAXParseException& error) {
    _problems.error({_manifest.location.file, error.getLineNumber()}, error.message());
    _failed = true;
  } catch (const Poco::Exception& error) {
    _problems.error(_manifest.location, error.displayText());
    _failed = true;
  }
  if (_failed) return {};
  Poco::trimInPlace(_manifest.summary);
  return std::move(_manifest);
}

void ManifestReader::startElement(const XMLString&, const XMLString& local, const XMLString&, const Poco::XML::Attributes& attributes) {
  ++_depth;
  if (_depth == 1 && local == "bundle") {
    root(attributes);
  } else if (_depth == 2 && local == "requires") {
    requirement(attributes);
  } else if (_depth == 2 && local == "summary") {
    _inSummary = true;
  } else {
    _problems.error(here(),
                    "unexpected element <" + local + ">" +
                        (_depth == 1 ? "; the root of a manifest is <bundle>" : Pipeline::suggestion(local, {"summary", "requires"})));
    _failed = true;
  }
}

void ManifestReader::endElement(const XMLString&, const XMLString&, const XMLString&) {
  --_depth;
  _inSummary = false;
}

void ManifestReader::characters(const Poco::XML::XMLChar text[], int start, int length) {
  if (_inSummary) _manifest.summary.append(text + start, static_cast<size_t>(length));
}

void ManifestReader::startDTD(const XMLString&, const XMLString&, const XMLString&) {
  throw Poco::XML::SAXException("a document type declaration (DTD) is not allowed");
}

Pipeline::Location ManifestReader::here() const {
  return {_manifest.location.file, _locator ? _locator->getLineNumber() : 1};
}

void ManifestReader::root(const Poco::XML::Attributes& attributes) {
  _manifest.location = here();
  for (int i = 0; i < attributes.getLength(); ++i) set(attributes.getLocalName(i), attributes.getValue(i));
}

void ManifestReader::set(const std::string& attribute, const std::string& value) {
  if (attribute == "name") {
    _manifest.name = value;
  } else if (attribute == "version") {
    _manifest.version = value;
  } else if (attribute == "build") {
    _manifest.build = value;
  } else if (attribute == "library") {
    _manifest.library = value;
  } else if (attribute == "class") {
    _manifest.className = value;
  } else if (attribute == "api") {
    _manifest.api = static_cast<int>(Pipeline::parseInteger(value).value_or(0));
  } else {
    _problems.error(here(), "<bundle> has no attribute '" + attribute + "'" +
                                Pipeline::suggestion(attribute, {"name", "version", "api", "build", "library", "class"}));
    _failed = true;
  }
}

void ManifestReader::requirement(const Poco::XML::Attributes& attributes) {
  Manifest::Requirement requirement{attributes.getValue("", "bundle"), attributes.getValue("", "version")};
  if (requirement.bundle.empty()) {
    _problems.error(here(), "<requires> needs the attribute 'bundle'");
    _failed = true;
    return;
  }
  _manifest.requires_.push_back(std::move(requirement));
}

void ManifestReader::requireAll() {
  const std::pair<const char*, const std::string*> wanted[] = {
      {"name", &_manifest.name}, {"version", &_manifest.version}, {"library", &_manifest.library}, {"class", &_manifest.className}};
  for (const auto& [name, value] : wanted) {
    if (!value->empty()) continue;
    _problems.error(_manifest.location, std::string("<bundle> needs the attribute '") + name + "'");
    _failed = true;
  }
}

}  // namespace Patchbay::Bundle
