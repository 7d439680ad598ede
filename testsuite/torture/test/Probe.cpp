#include "Probe.h"

#include <vector>

#include "patchbay/parser/Edits.h"

namespace Patchbay::Testsuite {

using Parser::HeaderId;

namespace {

void add(std::string& text, const char* name, std::string_view value) {
  text.append(name).append("=[").append(value).append("] ");
}

void add(std::string& text, const char* name, const Parser::Uri& uri) {
  add(text, name, uri.schemeText);
  for (const auto& part : {uri.user, uri.password, uri.host, uri.parameters, uri.headers}) add(text, "part", part);
  text += std::to_string(uri.port) + (uri.equivalent(uri) ? " " : " unlike itself ");
}

void add(std::string& text, const char* name, const Parser::Address* address) {
  if (!address) return add(text, name, "none");
  add(text, name, address->displayName);
  add(text, "uri", address->uri);
  add(text, "tag", address->tag);
  add(text, "parameters", address->parameters);
}

void add(std::string& text, const char* name, const Parser::Via* via) {
  if (!via) return add(text, name, "none");
  for (const auto& part : {via->protocol, via->host, via->branch, via->received, via->maddr, via->parameters, via->sentBy})
    add(text, name, part);
  text += std::to_string(via->port) + " " + std::to_string(via->rport) + (via->hasCookie() ? " cookie " : " ");
}

}  // namespace

Probe::Probe(std::string_view octets) : _octets(new char[octets.size()]) {
  if (!octets.empty()) std::memcpy(_octets.get(), octets.data(), octets.size());
  _message.parse({_octets.get(), octets.size()});
  _status = _message.validate().status;
}

std::string Probe::structure(Parser::Message& message) {
  std::string text = message.isRequest() ? "request " : "reply ";
  add(text, "method", message.methodText());
  text += std::to_string(message.status()) + " ";
  add(text, "reason", message.reason());
  if (const auto* uri = message.requestUri()) add(text, "request-uri", *uri);
  add(text, "via", message.topVia());
  const auto second = message.secondVia();
  add(text, "second", second ? &*second : nullptr);
  add(text, "from", message.from());
  add(text, "to", message.to());
  if (const auto* cseq = message.cseq()) add(text, "cseq", std::to_string(cseq->number) + std::string(cseq->methodText));
  text += std::to_string(message.maxForwards().value_or(999)) + " " + std::to_string(message.expires().value_or(999)) + " ";
  for (const auto& header : message.headers()) {
    text += std::to_string(static_cast<int>(header.id));
    add(text, "name", message.text(header.name));
    add(text, "value", message.text(header.value));
  }
  add(text, "cut", message.text(message.topViaCut()));
  add(text, "body", message.body());
  return text;
}

std::string Probe::roundTrip() {
  const std::string before = structure(_message);
  const Parser::Rebuild rebuild{_message};
  std::vector<char> room(rebuild.room());
  Parser::Writer writer(room.data(), room.size());
  rebuild.write(writer);
  if (!writer.ok()) return "cannot be written";
  Probe again(writer.written());
  if (again.status() != 0) return std::string("is refused when parsed again: ") + again.message().fault().text;
  const std::string after = structure(again.message());
  return before == after ? std::string() : "was\n" + before + "\nis\n" + after;
}

}  // namespace Patchbay::Testsuite
