#pragma once

#include <vector>

#include <Poco/SAX/DefaultHandler.h>
#include <Poco/SAX/LexicalHandler.h>
#include <Poco/SAX/Locator.h>

#include "patchbay/pipeline/Node.h"

namespace Patchbay::Pipeline {

/// Deepest nesting of elements that is read: what walks trees may recurse.
constexpr size_t MostDepth = 64;

/// Builds the tree from SAX events; what does not belong into a configuration is a problem at its line.
class XmlReader : public Poco::XML::DefaultHandler, public Poco::XML::LexicalHandler {
 public:
  XmlReader(std::shared_ptr<const std::string> file, Problems& problems) : _file(std::move(file)), _problems(problems) {}
  std::optional<Node> read(std::string_view text);

 private:
  void setDocumentLocator(const Poco::XML::Locator* locator) override { _locator = locator; }
  void startElement(const std::string& uri, const std::string& local, const std::string& qualified,
                    const Poco::XML::Attributes& attributes) override;
  void endElement(const std::string& uri, const std::string& local, const std::string& qualified) override;
  void characters(const char text[], int start, int length) override;
  void processingInstruction(const std::string& target, const std::string& data) override;
  void skippedEntity(const std::string& name) override;
  void startDTD(const std::string& name, const std::string& publicId, const std::string& systemId) override;
  void endDTD() override {}
  void startEntity(const std::string&) override {}
  void endEntity(const std::string&) override {}
  void startCDATA() override {}
  void endCDATA() override {}
  void comment(const char[], int, int) override {}

  Location here() const { return {_file, _locator ? _locator->getLineNumber() : 0}; }
  [[noreturn]] void refuse(const std::string& text);
  void checkNamespace(const std::string& uri, const std::string& element);
  void takeAttributes(Node& node, const Poco::XML::Attributes& attributes);

  std::shared_ptr<const std::string> _file;
  Problems& _problems;
  const Poco::XML::Locator* _locator = nullptr;
  std::vector<Node> _open;
  std::optional<Node> _root;
  bool _textTold = false, _refused = false;
};

}  // namespace Patchbay::Pipeline
