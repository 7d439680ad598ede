#include "Lines.h"

#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeFormatter.h>

#include "Escape.h"

namespace Patchbay::Log {

namespace {

void appendTime(std::string& out, const Poco::Message& message) {
  Poco::DateTimeFormatter::append(out, message.getTime(), "%Y-%m-%dT%H:%M:%S.%iZ");
}

bool needsQuotes(std::string_view value) {
  return value.empty() || value.find_first_of(" \"=") != value.npos;
}

void appendValue(std::string& out, std::string_view value) {
  if (!needsQuotes(value)) return appendEscaped(out, value);
  const size_t start = out.size() + 1;
  out += '"';
  appendEscaped(out, value);
  for (size_t at = out.find('"', start); at != out.npos; at = out.find('"', at + 2)) out.insert(at, 1, '\\');
  out += '"';
}

bool isOwnMember(std::string_view name) {
  return name == "time" || name == "level" || name == "logger" || name == "text";
}

void appendMember(std::string& out, std::string_view name, std::string_view value) {
  out += ',';
  appendJson(out, isOwnMember(name) ? std::string(name) + '_' : std::string(name));
  out += ':';
  appendJson(out, value);
}

}  // namespace

std::string textLine(const Poco::Message& message, std::span<const Field> fields, bool dated) {
  std::string out;
  if (dated) {
    appendTime(out, message);
    out += ' ';
    out += nameOf(static_cast<Level>(message.getPriority()));
    out += ' ';
  }
  if (!message.getSource().empty()) {
    appendEscaped(out, message.getSource());
    out += ": ";
  }
  appendEscaped(out, message.getText());
  for (const Field& field : fields) {
    out += ' ';
    appendEscaped(out, field.name);
    out += '=';
    appendValue(out, field.value);
  }
  return out;
}

std::string jsonLine(const Poco::Message& message, std::span<const Field> fields) {
  std::string out = "{\"time\":\"";
  appendTime(out, message);
  out += "\",\"level\":\"";
  out += nameOf(static_cast<Level>(message.getPriority()));
  out += "\",\"logger\":";
  appendJson(out, message.getSource());
  out += ",\"text\":";
  appendJson(out, message.getText());
  for (const Field& field : fields) appendMember(out, field.name, field.value);
  out += '}';
  return out;
}

}  // namespace Patchbay::Log
