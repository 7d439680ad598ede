#include "DnsAnswer.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "DnsReader.h"

namespace Patchbay::Resolver {

using Runtime::IpAddress;
using Type = NameServer::Type;

namespace {

constexpr uint16_t TypeAlias = 5, TypeZone = 6, Internet = 1;  // CNAME, SOA, IN: RFC 1035, 3.2
constexpr uint16_t ResponseBit = 0x8000, OpcodeBits = 0x7800, CutBit = 0x0200, CodeBits = 0x000f;
constexpr uint16_t NoSuchName = 3;

struct Header {
  uint16_t flags = 0;
  size_t questions = 0, answers = 0, authorities = 0;
};

/// A resource record with its data still in the message.
struct Raw {
  std::string owner;
  uint16_t type = 0, space = 0;
  uint32_t ttl = 0;
  size_t data = 0, length = 0;
};

/// One message, read front to back.
class Reading {
 public:
  Reading(std::string_view octets, Type type) : _octets(octets), _reader(octets), _type(type) {}
  DnsAnswer run(std::string_view name);

 private:
  bool begins(std::string_view name);
  bool readAnswers();
  bool readRaw(Raw& raw);
  /// Follows the aliases from `owner`; false when there are too many.
  bool follow(std::string& owner, DnsAnswer& result);
  bool collect(const std::string& owner, NameServer::Answer& answer);
  bool readRecord(const Raw& raw, NameServer::Record& record, bool& wanted) const;
  std::optional<std::chrono::seconds> zoneSays();
  void shorten(uint32_t ttl);

  std::string_view _octets;
  DnsReader _reader;
  Type _type;
  Header _header;
  std::vector<Raw> _raws;
  std::chrono::seconds _ttl{std::numeric_limits<int32_t>::max()};
};

bool readAddress(std::string_view octets, IpAddress& address) {
  if (octets.size() == sizeof(in_addr)) {
    in_addr v4;
    std::memcpy(&v4, octets.data(), sizeof v4);
    address = IpAddress::fromV4(v4);
  } else if (octets.size() == sizeof(in6_addr)) {
    in6_addr v6;
    std::memcpy(&v6, octets.data(), sizeof v6);
    address = IpAddress::fromV6(v6);
  }
  return address.valid();
}

std::string loweredText(DnsReader& data) {
  std::string text(data.text());
  std::transform(text.begin(), text.end(), text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

/// The texts of a NAPTR record; false for one that rewrites by a regular expression, which is not for us (RFC 3263, 4.1).
bool readService(DnsReader& data, NameServer::Record& record) {
  record.flags = loweredText(data);
  record.service = loweredText(data);
  return data.text().empty();
}

DnsAnswer failed(NameServer::Failure failure) {
  DnsAnswer result;
  result.answer.failure = failure;
  return result;
}

DnsAnswer Reading::run(std::string_view name) {
  if (!begins(name)) return failed(NameServer::Failure::malformed);
  const uint16_t code = _header.flags & CodeBits;
  if (code != 0 && code != NoSuchName) return failed(NameServer::Failure::server);
  DnsAnswer result;
  std::string owner = wireOf(name);
  if (!readAnswers() || !follow(owner, result) || !collect(owner, result.answer)) return failed(NameServer::Failure::malformed);
  auto& answer = result.answer;
  answer.outcome = answer.records.empty() ? Outcome::notFound : Outcome::found;
  if (answer.outcome == Outcome::found)
    answer.ttl = _ttl;
  else if (const auto zone = zoneSays())
    answer.ttl = std::min(*zone, _ttl);
  else if (result.aliases && code == 0)
    result.alias = textOf(owner).value_or("");
  return result;
}

/// The header and the question, which must be ours.
bool Reading::begins(std::string_view name) {
  _reader.number16();  // the identifier: c-ares has compared it
  _header.flags = _reader.number16();
  _header.questions = _reader.number16();
  _header.answers = _reader.number16();
  _header.authorities = _reader.number16();
  _reader.number16();
  if (!_reader.good() || (_header.flags & (ResponseBit | OpcodeBits | CutBit)) != ResponseBit || _header.questions != 1) return false;
  const std::string asked = _reader.name();
  const uint16_t type = _reader.number16(), space = _reader.number16();
  return _reader.good() && !asked.empty() && asked == wireOf(name) && type == static_cast<uint16_t>(_type) && space == Internet;
}

bool Reading::readRaw(Raw& raw) {
  raw.owner = _reader.name();
  raw.type = _reader.number16();
  raw.space = _reader.number16();
  raw.ttl = _reader.number32();
  raw.length = _reader.number16();
  raw.data = _reader.at();
  _reader.take(raw.length);
  return _reader.good();
}

bool Reading::readAnswers() {
  for (size_t i = 0; i < _header.answers; ++i) {
    Raw raw;
    if (!readRaw(raw)) return false;
    if (raw.space == Internet && (raw.type == TypeAlias || raw.type == static_cast<uint16_t>(_type))) _raws.push_back(std::move(raw));
  }
  return true;
}

bool Reading::follow(std::string& owner, DnsAnswer& result) {
  for (;;) {
    const auto alias =
        std::find_if(_raws.begin(), _raws.end(), [&](const Raw& raw) { return raw.type == TypeAlias && raw.owner == owner; });
    if (alias == _raws.end()) return true;
    if (++result.aliases > DnsAnswer::MostAliases) return false;
    DnsReader data(_octets.substr(0, alias->data + alias->length), alias->data);
    owner = data.name();
    if (!data.good() || data.at() != alias->data + alias->length || owner.empty()) return false;
    shorten(alias->ttl);
  }
}

/// RFC 2181, 8: with the highest bit set it counts as 0.
void Reading::shorten(uint32_t ttl) {
  _ttl = std::min(_ttl, std::chrono::seconds(ttl > 0x7fffffffu ? 0 : ttl));
}

bool Reading::collect(const std::string& owner, NameServer::Answer& answer) {
  for (const auto& raw : _raws) {
    if (raw.type != static_cast<uint16_t>(_type) || raw.owner != owner) continue;
    NameServer::Record record;
    bool wanted = true;
    if (!readRecord(raw, record, wanted)) return false;
    shorten(raw.ttl);
    if (wanted && answer.records.size() < DnsAnswer::MostRecords) answer.records.push_back(std::move(record));
  }
  return true;
}

bool Reading::readRecord(const Raw& raw, NameServer::Record& record, bool& wanted) const {
  if (_type == Type::a || _type == Type::aaaa) {
    const auto octets = _octets.substr(raw.data, raw.length);
    return octets.size() == (_type == Type::a ? sizeof(in_addr) : sizeof(in6_addr)) && readAddress(octets, record.address);
  }
  DnsReader data(_octets.substr(0, raw.data + raw.length), raw.data);
  record.priority = data.number16();
  record.weight = data.number16();
  if (_type == Type::srv)
    record.port = data.number16();
  else
    wanted = readService(data, record);
  const auto target = textOf(data.name());
  wanted = wanted && target;
  record.target = target.value_or("");
  return data.good() && data.at() == raw.data + raw.length;
}

/// How long the zone wants it believed that there is nothing (RFC 2308, 5); the message's answers are behind us.
std::optional<std::chrono::seconds> Reading::zoneSays() {
  for (size_t i = 0; i < _header.authorities; ++i) {
    Raw raw;
    if (!readRaw(raw)) return std::nullopt;
    if (raw.type != TypeZone || raw.space != Internet) continue;
    DnsReader data(_octets.substr(0, raw.data + raw.length), raw.data);
    data.name();
    data.name();
    data.take(16);  // serial, refresh, retry, expire
    const uint32_t least = std::min(data.number32(), raw.ttl);
    if (!data.good()) return std::nullopt;
    return std::chrono::seconds(least > 0x7fffffffu ? 0 : least);
  }
  return std::nullopt;
}

}  // namespace

DnsAnswer DnsAnswer::read(std::string_view octets, std::string_view name, NameServer::Type type) {
  return Reading(octets, type).run(name);
}

}  // namespace Patchbay::Resolver
