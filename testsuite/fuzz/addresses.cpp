#include "Input.h"
#include "patchbay/parser/Fields.h"

using namespace Patchbay;

namespace {

void check(std::string_view value) {
  const auto address = Parser::parseAddress(value);
  if (!address) return;
  for (const auto part : {address->text, address->displayName, address->uriText, address->parameters, address->tag})
    Fuzz::require(Fuzz::within(value, part), "an address's parts lie in its text");
  Fuzz::require(address->isStar || address->uri.text == address->uriText, "an address's URI is its URI text");
  address->parameter("expires");
  if (const auto q = address->parameter("q")) Fuzz::require(Parser::parseQ(*q).value_or(0) <= 1000, "q is at most 1");
  const auto again = Parser::parseAddress(address->text);
  Fuzz::require(again && again->uriText == address->uriText && again->tag == address->tag, "an address's text parses to the same address");
}

}  // namespace

/// A header value that is a list of addresses: From, To, Contact, Route. Also as CSeq, number and q.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Fuzz::Input input(data, size);
  const auto text = input.text();
  check(text);
  Parser::ListValues list(text);
  size_t count = 0;
  while (const auto value = list.next()) {
    Fuzz::require(Fuzz::within(text, *value), "a value lies in its list");
    Fuzz::require(!value->empty(), "no value of a list is empty");
    Fuzz::require(++count <= text.size(), "a list ends");
    check(*value);
  }
  if (const auto cseq = Parser::parseCSeq(text)) Fuzz::require(Fuzz::within(text, cseq->methodText), "a CSeq's method lies in its text");
  Parser::parseNumber(text, 255);
  Parser::parseQ(text);
  return 0;
}
