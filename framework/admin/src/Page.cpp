#include "Page.h"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Stringifier.h>
#include <Poco/TextIterator.h>
#include <Poco/UTF8Encoding.h>

#include <sstream>

namespace Patchbay::Admin {

namespace {

bool isUtf8(const std::string& text) {
  Poco::UTF8Encoding encoding;
  for (Poco::TextIterator at(text, encoding), end(text); at != end; ++at)
    if (*at < 0) return false;
  return true;
}

std::string repaired(const std::string& text) {
  if (isUtf8(text)) return text;
  Poco::UTF8Encoding encoding;
  std::string out;
  for (Poco::TextIterator at(text, encoding), end(text); at != end; ++at) {
    unsigned char octets[4];
    const int length = *at < 0 ? 0 : encoding.convert(*at, octets, sizeof octets);
    out += length <= 0 ? std::string("\xEF\xBF\xBD") : std::string(reinterpret_cast<const char*>(octets), static_cast<size_t>(length));
  }
  return out;
}

}  // namespace

Page jsonPage(int status, const Poco::Dynamic::Var& body) {
  std::ostringstream text;
  Poco::JSON::Stringifier::stringify(body, text, 0, -1, Poco::JSON_WRAP_STRINGS);
  return {status, repaired(text.str()) + "\n", "application/json"};
}

Page errorPage(int status, const std::string& text, const std::vector<std::string>& problems) {
  Poco::JSON::Object body(Poco::JSON_PRESERVE_KEY_ORDER);
  body.set("error", text);
  Poco::JSON::Array list;
  for (const auto& problem : problems) list.add(problem);
  if (!problems.empty()) body.set("problems", list);
  return jsonPage(status, body);
}

}  // namespace Patchbay::Admin
