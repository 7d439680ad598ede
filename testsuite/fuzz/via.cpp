#include "Input.h"
#include "patchbay/parser/Fields.h"

using namespace Patchbay;

/// A Via value.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Fuzz::Input input(data, size);
  const auto text = input.text();
  const auto via = Parser::parseVia(text);
  if (!via) return 0;
  for (const auto part : {via->text, via->protocol, via->host, via->branch, via->received, via->maddr, via->parameters, via->sentBy})
    Fuzz::require(Fuzz::within(text, part), "a Via's parts lie in its text");
  Fuzz::require(!via->protocol.empty() && !via->host.empty(), "a Via has a protocol and a host");
  Fuzz::require(!via->rport || via->hasRport, "an rport with a value is there");
  via->hasCookie();

  const Fuzz::Input copy(text);
  auto moved = *via;
  moved.rebase(copy.text().data() - text.data());
  for (const auto part : {moved.text, moved.host, moved.branch, moved.parameters, moved.sentBy})
    Fuzz::require(Fuzz::within(copy.text(), part), "a moved Via's parts lie in the copy");
  const auto again = Parser::parseVia(via->text);
  Fuzz::require(again && again->branch == via->branch && again->sentBy == via->sentBy && again->port == via->port,
                "a Via's text parses to the same Via");
  return 0;
}
