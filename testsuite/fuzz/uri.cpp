#include <string>
#include <vector>

#include "Input.h"
#include "patchbay/parser/Uri.h"

using namespace Patchbay;
using Parser::Uri;

namespace {

void walk(std::string_view text, char separator) {
  Parser::ParameterList list(text, separator);
  size_t count = 0;
  while (const auto parameter = list.next()) {
    Fuzz::require(Fuzz::within(text, parameter->name) && Fuzz::within(text, parameter->value), "a parameter lies in its list");
    Fuzz::require(++count <= text.size() + 1, "a list of parameters ends");
  }
}

void unescapeBothWays(std::string_view text) {
  std::string grown = "x";
  std::vector<char> room(text.size());
  char* const end = Parser::unescape(text, room.data());
  const bool good = Parser::unescape(text, grown);
  if (text.empty()) return;  // no octets and a broken escape look the same there
  Fuzz::require(good == (end != nullptr), "both ways of unescaping agree on what is broken");
  const std::string expected = good ? "x" + std::string(room.data(), end) : "x";
  Fuzz::require(grown == expected, "both ways of unescaping give the same");
}

void check(const Uri& uri, std::string_view text) {
  Fuzz::require(uri.text == text, "a URI's text is all that was given");
  for (const auto part : {uri.schemeText, uri.user, uri.password, uri.host, uri.parameters, uri.headers, uri.hostPort()})
    Fuzz::require(Fuzz::within(text, part), "a URI's parts lie in its text");
  Fuzz::require(!uri.isSip() || !uri.host.empty(), "a SIP URI has a host");
  Fuzz::require(uri.portOrDefault() != 0, "no URI leads to port 0");
  for (const char c : text) Fuzz::require(static_cast<unsigned char>(c) > ' ' && c != 0x7f, "a URI has no blanks and control characters");
  walk(uri.parameters, ';');
  walk(uri.headers, '&');
  uri.parameter("transport");
  unescapeBothWays(uri.user);
  std::vector<char> room(uri.user.size() + uri.host.size() + 1);
  const char* const end = Parser::writeAddressOfRecord(uri, room.data());
  Fuzz::require(!end || end <= room.data() + room.size(), "an address of record fits its room");
  Fuzz::require(uri.equivalent(uri), "a URI is equivalent to itself");
}

}  // namespace

/// One or two URIs, a line each.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Fuzz::Reader lines({reinterpret_cast<const char*>(data), size});
  const Fuzz::Input one(lines.until('\n')), other(lines.rest());
  const auto first = Uri::parse(one.text()), second = Uri::parse(other.text());
  if (first) check(*first, one.text());
  if (second) check(*second, other.text());
  if (first && second) Fuzz::require(first->equivalent(*second) == second->equivalent(*first), "equivalence works both ways");
  walk(one.text(), ';');
  unescapeBothWays(one.text());
  return 0;
}
