#include "patchbay/core/Core.h"

namespace Patchbay::Core {

namespace {

constexpr uint64_t ShortestRetry = 5, RetrySpread = 11;  // seconds

}  // namespace

bool answerBusy(Service& core, Request& request) {
  char line[48];
  Parser::Writer out(line, sizeof line);
  out.raw("Retry-After: ").number(ShortestRetry + Runtime::Worker::current()->random().next() % RetrySpread).raw("\r\n");
  return core.answer(request, {.code = 503, .lines = out.written()});
}

bool refuseProxyRequire(Service& core, Request& request) {
  Parser::Message& message = request.message;
  if (!message.has(Parser::HeaderId::proxyRequire)) return false;
  if (message.method() == Parser::Method::cancel || message.method() == Parser::Method::ack) return false;
  size_t room = 0;
  for (const auto* header = message.first(Parser::HeaderId::proxyRequire); header; header = message.next(*header))
    room += header->value.length + 32;
  char* const lines = request.keepRoom(room);
  size_t used = 0;
  for (const auto* header = message.first(Parser::HeaderId::proxyRequire); header; header = message.next(*header)) {
    Parser::Writer line(lines + used, room - used);
    line.header("Unsupported", message.text(header->value));
    if (line.ok()) used += line.size();
  }
  core.answer(request, {.code = 420, .lines = {lines, used}});
  return true;
}

}  // namespace Patchbay::Core
