#include "Answered.h"

namespace Patchbay::Tm {
namespace {

uint64_t identityOf(const Runtime::SipHash::Key& secret, Parser::Message& request) {
  Runtime::SipHash hash(secret);
  const auto add = [&](std::string_view text) { hash.add(uint64_t{text.size()}).add(text); };
  add(request.callId());
  if (const Parser::Address* from = request.from()) add(from->tag);
  add(request.methodText());
  if (const Parser::CSeq* cseq = request.cseq()) hash.add(uint64_t{cseq->number});
  return hash.finish64();
}

}  // namespace

void Answered::Part::purge(Runtime::Instant now) {
  for (; !order.empty() && order.front().until <= now; order.pop_front()) transactions.erase(order.front().request);
}

bool Answered::isMerged(const Runtime::SipHash::Key& secret, Parser::Message& request, const Key& transaction, Runtime::Instant now,
                        Runtime::Duration life) {
  const Parser::Address* to = request.to();
  if (to && !to->tag.empty()) return false;  // within a dialog that is no merged one
  const uint64_t identity = identityOf(secret, request);
  Part& part = _parts[identity % _parts.size()];
  const std::lock_guard<std::mutex> lock(part.mutex);
  part.purge(now);
  const auto [found, fresh] = part.transactions.try_emplace(identity, transaction);
  if (fresh) part.order.push_back({now + life, identity});
  return !(found->second == transaction);
}

void Answered::purge(size_t part, Runtime::Instant now) {
  const std::lock_guard<std::mutex> lock(_parts[part].mutex);
  _parts[part].purge(now);
}

size_t Answered::size() {
  size_t all = 0;
  for (Part& part : _parts) {
    const std::lock_guard<std::mutex> lock(part.mutex);
    all += part.transactions.size();
  }
  return all;
}

}  // namespace Patchbay::Tm
