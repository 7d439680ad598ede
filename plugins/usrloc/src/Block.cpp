#include "Block.h"

#include <cstring>
#include <new>

namespace Patchbay::Usrloc {

namespace {

uint32_t secondsOf(Runtime::WallTime time) {
  return static_cast<uint32_t>(std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count());
}

}  // namespace

Block* Block::make(std::string_view aor, const Contact& contact) {
  return make(aor, contact, {});
}

Block* Block::make(std::string_view aor, const Contact& contact, std::string_view foreignRuid) {
  const std::string_view texts[textCount] = {
      aor, contact.uri, contact.received, contact.path, contact.callId, contact.userAgent, contact.instance, foreignRuid};
  size_t length = 0;
  for (const auto text : texts) {
    if (text.size() > LongestText) return nullptr;
    length += text.size();
  }
  void* memory = ::operator new(sizeof(Block) + length, std::nothrow);
  if (memory == nullptr) return nullptr;
  auto* block = new (memory) Block;
  char* out = reinterpret_cast<char*>(block + 1);
  for (size_t i = 0; i < textCount; ++i) {
    block->lengths[i] = static_cast<uint16_t>(texts[i].size());
    if (!texts[i].empty()) std::memcpy(out, texts[i].data(), texts[i].size());
    out += texts[i].size();
  }
  block->expires = contact.expires;
  block->flags = contact.flags;
  block->modified = secondsOf(contact.modified);
  block->regId = contact.regId;
  block->cseq = contact.cseq;
  block->methods = contact.methods;
  block->q = contact.q;
  block->listener = contact.listener;
  block->permanent = contact.permanent;
  return block;
}

void Block::free(Block* block) {
  block->~Block();
  ::operator delete(block);
}

std::string_view Block::text(Text which) const {
  const char* at = reinterpret_cast<const char*>(this + 1);
  for (size_t i = 0; i < which; ++i) at += lengths[i];
  return {at, lengths[which]};
}

Contact Block::contact() const {
  const char* at = reinterpret_cast<const char*>(this + 1) + lengths[aor];
  const auto next = [&](Text which) {
    const std::string_view text(at, lengths[which]);
    at += text.size();
    return text;
  };
  Contact contact;
  contact.uri = next(uri);
  contact.received = next(received);
  contact.path = next(path);
  contact.callId = next(callId);
  contact.userAgent = next(userAgent);
  contact.instance = next(instance);
  contact.regId = regId;
  contact.cseq = cseq;
  contact.q = q;
  contact.methods = methods;
  contact.flags = flags;
  contact.listener = listener;
  contact.permanent = permanent;
  contact.expires = expires;
  contact.modified = Runtime::WallTime(std::chrono::seconds(modified));
  return contact;
}

bool Block::same(const Contact& other) const {
  if (other.regId != 0 && !other.instance.empty() && regId != 0 && lengths[instance] != 0)
    return regId == other.regId && text(instance) == other.instance;
  return text(uri) == other.uri;
}

}  // namespace Patchbay::Usrloc
