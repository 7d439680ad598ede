#include <string>

#include "Input.h"
#include "patchbay/parser/Message.h"

using namespace Patchbay;
using Parser::HeaderId;
using Parser::Message;

namespace {

void checkHeaders(Message& message) {
  uint32_t at = message.headersBegin();
  for (const auto& header : message.headers()) {
    Fuzz::require(header.line.begin >= at, "header lines are in order");
    Fuzz::require(header.name.begin >= header.line.begin && header.name.end() <= header.value.begin, "a name is before its value");
    Fuzz::require(header.value.end() <= header.line.end(), "a value ends in its line");
    Fuzz::require(header.line.end() <= message.headersEnd(), "header lines end before the body");
    Fuzz::require(Parser::isToken(message.text(header.name)), "a header's name is a token");
    Fuzz::require(message.find(message.text(header.name)) != nullptr, "a header is found by its name");
    if (header.id != HeaderId::other) Fuzz::require(message.has(header.id), "a header that is there is known to be there");
    at = header.line.end();
  }
  for (uint8_t id = 1; id < static_cast<uint8_t>(HeaderId::count_); ++id) {
    size_t walked = 0;
    const auto wanted = static_cast<HeaderId>(id);
    for (const auto* header = message.first(wanted); header; header = message.next(*header)) ++walked;
    size_t counted = 0;
    for (const auto& header : message.headers()) counted += header.id == wanted;
    Fuzz::require(walked == counted, "walking the headers of a name meets all of them");
  }
}

void checkVia(Message& message) {
  const auto cut = message.topViaCut();
  Fuzz::require(cut.end() <= message.octets().size(), "the top Via lies in the message");
  if (const auto* via = message.topVia()) {
    Fuzz::require(Fuzz::within(message.text(cut), via->text), "the topmost Via lies in what is cut with it");
    if (const auto second = message.secondVia())
      Fuzz::require(!Fuzz::within(message.text(cut), second->text), "the second Via is not cut with the topmost one");
  }
}

/// All that a message can be asked, as text.
std::string told(Message& message) {
  std::string all(message.methodText());
  const auto add = [&](std::string_view text) { (all += '|').append(text); };
  add(std::to_string(message.status()));
  add(message.reason());
  if (const auto* uri = message.requestUri()) add(uri->hostPort()), add(uri->user);
  if (const auto* via = message.topVia()) add(via->branch), add(via->sentBy);
  if (const auto via = message.secondVia()) add(via->text);
  if (const auto* from = message.from()) add(from->tag), add(from->uriText), add(from->parameters);
  if (const auto* to = message.to()) add(to->tag), add(to->uriText), add(to->displayName);
  if (const auto* cseq = message.cseq()) add(std::to_string(cseq->number)), add(cseq->methodText);
  add(message.callId());
  add(std::to_string(message.maxForwards().value_or(999)) + " " + std::to_string(message.expires().value_or(999)));
  add(message.body());
  return all;
}

void checkSound(Message& message) {
  Fuzz::require(message.topVia() && message.cseq(), "a sound message has what a proxy relies on");
  Fuzz::require(!message.isRequest() || (message.from() && message.to()), "a sound request has From and To");
  Fuzz::require(!message.callId().empty(), "a sound message has a Call-ID");
  Fuzz::require(!message.isRequest() || message.requestUri(), "a sound request has a Request-URI");
  Fuzz::require(message.isRequest() || (message.status() >= 100 && message.status() <= 699), "a sound reply has a status");
  const auto octets = message.octets();
  for (size_t i = 0; i < message.headersEnd(); ++i)
    Fuzz::require((octets[i] == '\r') == (i + 1 < octets.size() && octets[i + 1] == '\n'), "CR and LF stand together in sound headers");
}

}  // namespace

/// A message, as it comes in a datagram.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Message message;
  {
    const Fuzz::Input input(data, size);
    const auto found = message.parse(input.text());
    Fuzz::require(Fuzz::within(input.text(), message.octets()), "a message lies in its datagram");
    Fuzz::require(Fuzz::within(message.octets(), message.body()), "a body lies in its message");
    Fuzz::require(message.headersEnd() <= message.bodyBegin(), "a body is behind the headers");
    checkHeaders(message);
    const auto fault = message.validate();
    Fuzz::require(!found || fault.status == found.status, "a fault found first is kept");
    Fuzz::require(message.validate().status == fault.status, "asking twice gives the same");
    checkVia(message);
    const auto before = told(message);
    if (!fault) checkSound(message);
    const Fuzz::Input copy(input.text());
    message.moveTo(copy.text().data());
    Fuzz::require(told(message) == before, "a moved message tells the same");
    Message again;
    again.parse(copy.text());
    again.validate();
    Fuzz::require(told(again) == before, "a copy tells the same");
    Fuzz::require(again.fault().status == fault.status, "a copy has the same fault");
  }
  message.parse({});  // the octets are gone; reused
  return 0;
}
