#include "Asked.h"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Parser.h>
#include <Poco/TextIterator.h>
#include <Poco/URI.h>
#include <Poco/UTF8Encoding.h>

namespace Patchbay::Admin {

namespace {

constexpr size_t MostDepth = 4;

bool isText(const std::string& text) {
  Poco::UTF8Encoding encoding;
  for (Poco::TextIterator at(text, encoding), end(text); at != end; ++at)
    if (*at <= 0) return false;
  return true;
}

void checkText(const std::string& name, const std::string& value) {
  if (!isText(name) || !isText(value)) throw Poco::InvalidArgumentException("an argument is not UTF-8, or holds a zero");
}

void put(Arguments& arguments, const std::string& name, std::string value) {
  checkText(name, value);
  if (!arguments.emplace(name, std::move(value)).second) throw Poco::InvalidArgumentException("the argument '" + name + "' is given twice");
}

std::string scalar(const std::string& name, const Poco::Dynamic::Var& value) {
  if (!value.isString() && !value.isNumeric() && !value.isBoolean())
    throw Poco::InvalidArgumentException("the argument '" + name + "' must be a text, a number, true or false, or a list of them");
  return value.convert<std::string>();
}

std::string joined(const std::string& name, const Poco::JSON::Array& list) {
  std::string out;
  for (const auto& one : list) {
    const std::string text = scalar(name, one);
    if (text.find(',') != std::string::npos) throw Poco::InvalidArgumentException("a value in the list '" + name + "' holds a comma");
    out += (out.empty() ? "" : ",") + text;
  }
  return out;
}

void takeBody(const std::string& body, Arguments& arguments) {
  Poco::JSON::Parser parser;
  parser.setDepth(MostDepth);
  const auto parsed = parser.parse(body);
  if (parsed.type() != typeid(Poco::JSON::Object::Ptr)) throw Poco::InvalidArgumentException("the body is no JSON object");
  for (const auto& [name, value] : *parsed.extract<Poco::JSON::Object::Ptr>()) {
    if (value.isEmpty()) continue;
    const bool list = value.type() == typeid(Poco::JSON::Array::Ptr);
    put(arguments, name, list ? joined(name, *value.extract<Poco::JSON::Array::Ptr>()) : scalar(name, value));
  }
}

/// False when it is too long.
bool readBody(std::istream& stream, std::string& body) {
  char block[4096];
  while (stream.read(block, sizeof block) || stream.gcount() > 0) {
    body.append(block, static_cast<size_t>(stream.gcount()));
    if (body.size() > MostBodyBytes) return false;
  }
  return true;
}

int refuse(std::string& why, int status, std::string text) {
  why = std::move(text);
  return status;
}

}  // namespace

int readArguments(Poco::Net::HTTPServerRequest& request, Arguments& arguments, std::string& why) {
  const std::string tooLarge = "a body has at most " + std::to_string(MostBodyBytes) + " octets";
  try {
    for (const auto& [name, value] : arguments) checkText(name, value);
    for (const auto& [name, value] : Poco::URI(request.getURI()).getQueryParameters()) put(arguments, name, value);
    if (request.hasContentLength() && request.getContentLength64() > static_cast<int64_t>(MostBodyBytes)) return refuse(why, 413, tooLarge);
    if (request.getMethod() == "GET" || request.getMethod() == "HEAD") return 0;
    std::string body;
    if (!readBody(request.stream(), body)) return refuse(why, 413, tooLarge);
    if (body.find_first_not_of(" \t\r\n") == std::string::npos) return 0;
    if (!request.getContentType().starts_with("application/json"))
      return refuse(why, 415, "the body's Content-Type must be application/json");
    takeBody(body, arguments);
    return 0;
  } catch (const Poco::InvalidArgumentException& error) {
    return refuse(why, 400, error.message());
  } catch (const Poco::Exception& error) {
    return refuse(why, 400, "the request cannot be read: " + error.displayText());
  }
}

}  // namespace Patchbay::Admin
