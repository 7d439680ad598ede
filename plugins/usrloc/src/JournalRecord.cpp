#include "JournalRecord.h"

#include <Poco/Checksum.h>

namespace Patchbay::Usrloc {

namespace {

int64_t countOf(Runtime::WallTime time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

Runtime::WallTime timeOf(uint64_t count) {
  return Runtime::WallTime(std::chrono::duration_cast<Runtime::WallTime::duration>(std::chrono::nanoseconds(static_cast<int64_t>(count))));
}

void appendText(std::string& out, std::string_view text) {
  appendNumber(out, text.size(), 2);
  out += text;
}

/// Takes fields from the front; `good` ends when something is missing.
struct Fields {
  std::string_view left;
  bool good = true;

  std::string_view octets(size_t count) {
    if (count > left.size()) good = false;
    if (!good) return {};
    const auto taken = left.substr(0, count);
    left.remove_prefix(count);
    return taken;
  }
  template <class Number>
  void number(Number& out) {
    out = static_cast<Number>(readNumber(octets(sizeof out)));
  }
  void text(std::string_view& out) { out = octets(readNumber(octets(2))); }
};

}  // namespace

uint32_t checksum(std::string_view octets) {
  Poco::Checksum sum(Poco::Checksum::TYPE_CRC32);
  sum.update(octets.data(), static_cast<unsigned>(octets.size()));
  return sum.checksum();
}

void appendNumber(std::string& out, uint64_t number, size_t octets) {
  for (size_t i = 0; i < octets; ++i) out += static_cast<char>(number >> 8 * i & 0xff);
}

uint64_t readNumber(std::string_view octets) {
  uint64_t number = 0;
  for (size_t i = octets.size(); i-- > 0;) number = number << 8 | static_cast<unsigned char>(octets[i]);
  return number;
}

void JournalRecord::append(std::string& out, Kind kind, const Block& block, std::string_view listener) {
  const size_t begin = out.size();
  out.append(HeaderBytes, '\0');
  appendNumber(out, static_cast<uint64_t>(kind), 1);
  appendNumber(out, block.permanent, 1);
  appendNumber(out, block.q, 2);
  appendNumber(out, block.ruid, 8);
  appendNumber(out, static_cast<uint64_t>(countOf(block.expires)), 8);
  appendNumber(out, block.flags, 8);
  for (const uint32_t number : {block.modified, block.regId, block.cseq, block.methods}) appendNumber(out, number, 4);
  const Contact contact = block.contact();
  for (const auto text : {block.text(Block::aor), contact.uri, contact.received, contact.path, contact.callId, contact.userAgent,
                          contact.instance, block.text(Block::foreignRuid), listener})
    appendText(out, text);
  std::string header;
  appendNumber(header, out.size() - begin - HeaderBytes, 4);
  out.replace(begin, 4, header);
  Poco::Checksum sum(Poco::Checksum::TYPE_CRC32);
  sum.update(out.data() + begin, 4);
  sum.update(out.data() + begin + HeaderBytes, static_cast<unsigned>(out.size() - begin - HeaderBytes));
  header.clear();
  appendNumber(header, sum.checksum(), 4);
  out.replace(begin + 4, 4, header);
}

JournalRecord::Read JournalRecord::read(std::string_view& octets) {
  if (octets.size() < HeaderBytes) return Read::cutOff;
  const size_t length = readNumber(octets.substr(0, 4));
  if (length > LongestPayload) return Read::damaged;
  if (octets.size() < HeaderBytes + length) return Read::cutOff;
  const std::string_view payload = octets.substr(HeaderBytes, length);
  Poco::Checksum sum(Poco::Checksum::TYPE_CRC32);
  sum.update(octets.data(), 4);
  sum.update(payload.data(), static_cast<unsigned>(payload.size()));
  if (sum.checksum() != readNumber(octets.substr(4, 4)) || !decode(payload)) return Read::damaged;
  octets.remove_prefix(HeaderBytes + length);
  return Read::good;
}

bool JournalRecord::decode(std::string_view payload) {
  Fields fields{payload};
  uint8_t type = 0, lasting = 0;
  uint64_t expiry = 0;
  uint32_t changed = 0;
  contact = {};
  fields.number(type);
  fields.number(lasting);
  fields.number(contact.q);
  fields.number(ruid);
  fields.number(expiry);
  fields.number(contact.flags);
  fields.number(changed);
  fields.number(contact.regId);
  fields.number(contact.cseq);
  fields.number(contact.methods);
  for (auto* text : {&aor, &contact.uri, &contact.received, &contact.path, &contact.callId, &contact.userAgent, &contact.instance,
                     &foreignRuid, &listener})
    fields.text(*text);
  kind = static_cast<Kind>(type);
  contact.permanent = lasting != 0;
  contact.expires = timeOf(expiry);
  contact.modified = Runtime::WallTime(std::chrono::seconds(changed));
  return fields.good && fields.left.empty() && (kind == Kind::put || kind == Kind::remove);
}

}  // namespace Patchbay::Usrloc
