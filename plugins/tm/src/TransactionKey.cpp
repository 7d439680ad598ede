#include "TransactionKey.h"

#include <array>
#include <cstring>

namespace Patchbay::Tm {
namespace {

constexpr char Hex[] = "0123456789abcdef";

char* writeHex(char* out, uint64_t number, int digits) {
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) *out++ = Hex[(number >> shift) & 15];
  return out;
}

/// Of a digit as we write it; 16 for any other octet.
constexpr std::array<uint8_t, 256> Values = [] {
  std::array<uint8_t, 256> values;
  values.fill(16);
  for (uint8_t i = 0; i < 16; ++i) values[static_cast<unsigned char>(Hex[i])] = i;
  return values;
}();

bool readHex(std::string_view text, uint64_t& number) {
  number = 0;
  unsigned all = 0;
  for (const char c : text) {
    const unsigned value = Values[static_cast<unsigned char>(c)];
    all |= value;
    number = number << 4 | (value & 15);
  }
  return all < 16;
}

void addMethod(Runtime::TableHash& hash, Parser::Message& message, Parser::Method method) {
  if (method == Parser::Method::ack) method = Parser::Method::invite;
  hash.add(static_cast<uint64_t>(method));
  if (method == Parser::Method::other) hash.part(message.methodText());
}

void addOldIdentity(Runtime::TableHash& hash, Parser::Message& message, const Parser::Via& via) {
  hash.part(message.requestUriText());
  if (const Parser::Address* from = message.from()) hash.part(from->tag);
  hash.part(message.callId());
  if (const Parser::CSeq* cseq = message.cseq()) hash.add(uint64_t{cseq->number});
  hash.part(via.text);
}

void addAll(Runtime::TableHash& hash, const Parser::Message& message, Parser::HeaderId id) {
  if (!message.has(id)) return;
  for (const Parser::Header* header = message.first(id); header; header = message.next(*header)) hash.part(message.text(header->value));
}

}  // namespace

std::optional<Key> serverKey(const Runtime::SipHash::Key& secret, Parser::Message& message, Parser::Method method) {
  const Parser::Via* via = message.topVia();
  if (!via) return {};
  Runtime::TableHash hash(secret);
  addMethod(hash, message, method);
  if (via->hasCookie() && via->branch.size() > Branch::Cookie.size()) {
    hash.part(via->branch);
    hash.part(via->sentBy);
  } else {
    addOldIdentity(hash, message, *via);
  }
  const auto [first, second] = hash.finish128();
  return Key{first, second};
}

char* Branch::write(char* out, std::string_view instance) const {
  std::memcpy(out, Cookie.data(), Cookie.size());
  out += Cookie.size();
  std::memcpy(out, instance.data(), instance.size());
  out += instance.size();
  *out++ = '.';
  *out++ = 't';
  out = writeHex(out, loop, 16);
  out = writeHex(out, shard, 2);
  return writeHex(out, random, 16);
}

std::optional<Branch> Branch::parse(std::string_view branch, std::string_view instance) {
  if (branch.size() != room(instance) || !branch.starts_with(Cookie)) return {};
  branch.remove_prefix(Cookie.size());
  if (!branch.starts_with(instance) || branch.substr(instance.size(), 2) != ".t") return {};
  branch.remove_prefix(instance.size() + 2);
  Branch found;
  uint64_t shard = 0;
  if (!readHex(branch.substr(0, 16), found.loop) || !readHex(branch.substr(16, 2), shard) || !readHex(branch.substr(18), found.random))
    return {};
  found.shard = static_cast<uint8_t>(shard);
  return found;
}

uint64_t loopValue(const Runtime::SipHash::Key& secret, Parser::Message& message) {
  Runtime::TableHash hash(secret);
  hash.part(message.requestUriText());
  hash.part(message.callId());
  if (const Parser::Address* from = message.from()) hash.part(from->tag);
  if (const Parser::Address* to = message.to()) hash.part(to->tag);
  if (const Parser::CSeq* cseq = message.cseq()) hash.add(uint64_t{cseq->number});
  for (Parser::HeaderId id : {Parser::HeaderId::route, Parser::HeaderId::proxyRequire, Parser::HeaderId::proxyAuthorization})
    addAll(hash, message, id);
  return hash.finish64();
}

bool hasLooped(const Parser::Message& message, std::string_view instance, uint64_t loop) {
  char mark[128];
  const size_t length = Branch::Cookie.size() + instance.size() + 2 + 16;
  if (length > sizeof(mark)) return false;
  std::memcpy(mark, Branch::Cookie.data(), Branch::Cookie.size());
  std::memcpy(mark + Branch::Cookie.size(), instance.data(), instance.size());
  mark[length - 18] = '.';
  mark[length - 17] = 't';
  writeHex(mark + length - 16, loop, 16);
  for (const Parser::Header* via = message.first(Parser::HeaderId::via); via; via = message.next(*via))
    if (message.text(via->value).find(std::string_view(mark, length)) != std::string_view::npos) return true;
  return false;
}

}  // namespace Patchbay::Tm
