#pragma once

#include <optional>
#include <string>

#include <Poco/SAX/Attributes.h>
#include <Poco/SAX/DefaultHandler.h>
#include <Poco/SAX/LexicalHandler.h>

#include "patchbay/bundle/Loader.h"

namespace Patchbay::Bundle {

/// Reads one bundle.xml. It has a text (the summary), which rules and settings have not: hence a reader of its own.
class ManifestReader : public Poco::XML::DefaultHandler, public Poco::XML::LexicalHandler {
 public:
  explicit ManifestReader(Pipeline::Problems& problems) : _problems(problems) {}
  /// None when something is wrong with its form; the location and folder of the result are set.
  std::optional<Manifest> read(const std::string& folder);

  void setDocumentLocator(const Poco::XML::Locator* locator) override { _locator = locator; }
  void startElement(const Poco::XML::XMLString& uri, const Poco::XML::XMLString& local, const Poco::XML::XMLString& name,
                    const Poco::XML::Attributes& attributes) override;
  void endElement(const Poco::XML::XMLString& uri, const Poco::XML::XMLString& local, const Poco::XML::XMLString& name) override;
  void characters(const Poco::XML::XMLChar text[], int start, int length) override;
  void startDTD(const Poco::XML::XMLString& name, const Poco::XML::XMLString& publicId, const Poco::XML::XMLString& systemId) override;
  void endDTD() override {}
  void startEntity(const Poco::XML::XMLString&) override {}
  void endEntity(const Poco::XML::XMLString&) override {}
  void startCDATA() override {}
  void endCDATA() override {}
  void comment(const Poco::XML::XMLChar[], int, int) override {}

 private:
  Pipeline::Location here() const;
  void root(const Poco::XML::Attributes& attributes);
  void requirement(const Poco::XML::Attributes& attributes);
  void set(const std::string& attribute, const std::string& value);
  void requireAll();

  Pipeline::Problems& _problems;
  const Poco::XML::Locator* _locator = nullptr;
  Manifest _manifest;
  int _depth = 0;
  bool _inSummary = false, _failed = false;
};

}  // namespace Patchbay::Bundle
