#include <termios.h>
#include <unistd.h>

#include <fstream>
#include <iostream>
#include <sstream>

#include <Poco/JSON/Object.h>
#include <Poco/URI.h>

#include "Verbs.h"

namespace Patchbay::Client {

namespace {

/// Reads one line from the terminal and shows nothing of it.
std::string hidden(const std::string& prompt) {
  std::cerr << prompt << std::flush;
  termios before{};
  const bool known = ::tcgetattr(STDIN_FILENO, &before) == 0;
  termios silent = before;
  silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  if (known) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  std::string line;
  std::getline(std::cin, line);
  if (known) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
  std::cerr << '\n';
  return line;
}

std::string secret(const std::string& name) {
  std::string line;
  if (!::isatty(STDIN_FILENO)) {
    std::getline(std::cin, line);
    return line;
  }
  line = hidden(name + ": ");
  if (line != hidden(name + " again: ")) throw Failure{wrongUse, "the two are not the same; nothing was done"};
  return line;
}

std::string contentOf(const std::string& path) {
  std::ostringstream text;
  if (path == "-") {
    text << std::cin.rdbuf();
    return text.str();
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Failure{wrongUse, "the file " + path + " cannot be read"};
  text << file.rdbuf();
  return text.str();
}

/// The name in "name=value" or "--name=value" when it is a parameter's; else empty.
std::string nameIn(const Verb& verb, const std::string& word) {
  const size_t sign = word.find('=');
  if (sign == std::string::npos) return {};
  const std::string name = word.starts_with("--") ? word.substr(2, sign - 2) : word.substr(0, sign);
  if (verb.parameter(name)) return name;
  if (word.starts_with("--")) throw Failure{wrongUse, "unknown option '--" + name + "'; usage: patchctl " + verb.usage()};
  return {};
}

const Verb::Parameter* nextOf(const Verb& verb, const Arguments& arguments) {
  for (const auto& parameter : verb.parameters)
    if (parameter.type == "list" || !arguments.count(parameter.name)) return &parameter;
  return nullptr;
}

void replaceInPath(std::string& path, const std::string& name, const std::string& value) {
  const std::string place = "{" + name + "}";
  std::string encoded;
  Poco::URI::encode(value, "/?#;:@&=+$,%{}[]\"<>|\\^`!'()*", encoded);
  path.replace(path.find(place), place.size(), encoded);
}

}  // namespace

Arguments argumentsOf(const Verb& verb, const std::vector<std::string>& words) {
  Arguments arguments;
  for (const auto& word : words) {
    if (const std::string name = nameIn(verb, word); !name.empty()) {
      arguments[name] = word.substr(word.find('=') + 1);
      continue;
    }
    const auto* next = nextOf(verb, arguments);
    if (!next) throw Failure{wrongUse, "'" + word + "' is one word too many; usage: patchctl " + verb.usage()};
    auto& value = arguments[next->name];
    value = value.empty() ? word : value + "," + word;
  }
  for (const auto& parameter : verb.parameters)
    if (parameter.required && !parameter.secret && !arguments.count(parameter.name))
      throw Failure{wrongUse, parameter.name + " is missing: " + parameter.summary + "\nusage: patchctl " + verb.usage()};
  return arguments;
}

void completeArguments(const Verb& verb, Arguments& arguments) {
  for (const auto& parameter : verb.parameters) {
    const auto found = arguments.find(parameter.name);
    const bool given = found != arguments.end();
    if (parameter.file && given) found->second = contentOf(found->second);
    if (parameter.secret && (given ? found->second == "-" : parameter.required)) arguments[parameter.name] = secret(parameter.name);
  }
}

Call callOf(const Verb& verb, const Arguments& arguments) {
  Call call{verb.path, {}};
  Poco::JSON::Object body;
  Poco::URI query("/");
  for (const auto& [name, value] : arguments) {
    if (call.path.find("{" + name + "}") != std::string::npos)
      replaceInPath(call.path, name, value);
    else if (verb.method == "GET")
      query.addQueryParameter(name, value);
    else
      body.set(name, value);
  }
  if (const std::string text = query.getRawQuery(); !text.empty()) call.path += "?" + text;
  if (body.size() == 0) return call;
  std::ostringstream text;
  body.stringify(text);
  call.body = text.str();
  return call;
}

}  // namespace Patchbay::Client
