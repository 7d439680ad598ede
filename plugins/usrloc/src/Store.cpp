#include "Store.h"

#include <array>
#include <charconv>
#include <cmath>

#include "patchbay/parser/Names.h"

namespace Patchbay::Usrloc {

namespace {

using Data::Column;
using Data::Field;
using Data::Row;
using Parser::Method;

constexpr uint16_t NoListener = 0xffff;

enum At : size_t {
  ruid,
  username,
  domain,
  contact,
  received,
  path,
  expires,
  q,
  callid,
  cseq,
  lastModified,
  flags,
  cflags,
  userAgent,
  socket,
  methods,
  instance,
  regId,
  serverId,
  connectionId,
  keepalive,
  partition
};

Data::Table tableOf(const std::string& name) {
  using Type = Column::Type;
  return {name,
          9,
          {{"ruid", Type::text, 64},
           {"username", Type::text, 64},
           {"domain", Type::text, 64, true},
           {"contact", Type::text, 512},
           {"received", Type::text, 128, true},
           {"path", Type::text, 512, true},
           {"expires", Type::time, 0, false, "2030-05-28 21:32:15"},
           {"q", Type::real, 0, false, "1.0"},
           {"callid", Type::text, 255, false, "Default-Call-ID"},
           {"cseq", Type::integer, 0, false, "1"},
           {"last_modified", Type::time, 0, false, "2000-01-01 00:00:01"},
           {"flags", Type::integer},
           {"cflags", Type::integer},
           {"user_agent", Type::text, 255},
           {"socket", Type::text, 64, true},
           {"methods", Type::integer, 0, true},
           {"instance", Type::text, 255, true},
           {"reg_id", Type::integer},
           {"server_id", Type::integer},
           {"connection_id", Type::integer},
           {"keepalive", Type::integer},
           {"partition", Type::integer}},
          {"ruid"},
          {{"username", "domain", "contact"}, {"expires"}},
          1,
          99};
}

/// Bits of the column `methods`, in the order of the numbers that Kamailio gives them; its column holds all bits when all are allowed.
constexpr std::array MethodBits{Method::invite,       Method::cancel,    Method::ack,    Method::bye,     Method::info,
                                Method::registration, Method::subscribe, Method::notify, Method::message, Method::options,
                                Method::prack,        Method::update,    Method::refer,  Method::publish};

int64_t columnOfMethods(uint32_t methods) {
  int64_t column = 0;
  for (size_t i = 0; i < MethodBits.size(); ++i)
    if (methods >> static_cast<unsigned>(MethodBits[i]) & 1u) column |= int64_t{1} << i;
  return column;
}

uint32_t methodsOfColumn(int64_t column) {
  uint32_t methods = 0;
  for (size_t i = 0; i < MethodBits.size(); ++i)
    if (column >> i & 1) methods |= 1u << static_cast<unsigned>(MethodBits[i]);
  return methods;
}

constexpr std::string_view RuidPrefix = "pb-";

std::string ruidText(const Block& block) {
  if (block.ruid == 0) return std::string(block.text(Block::foreignRuid));
  char text[24];
  const auto end = std::to_chars(text, text + sizeof text, block.ruid, 16).ptr;
  return std::string(RuidPrefix).append(text, end);
}

/// 0: not one of ours.
uint64_t ruidOf(std::string_view text) {
  if (!text.starts_with(RuidPrefix)) return 0;
  text.remove_prefix(RuidPrefix.size());
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
  return error == std::errc() && end == text.data() + text.size() ? number : 0;
}

Field optional(std::string_view text) {
  return text.empty() ? Field() : Field(std::string(text));
}

std::string_view textOf(const Field& field) {
  const auto* text = std::get_if<std::string>(&field);
  return text ? std::string_view(*text) : std::string_view();
}

int64_t numberOf(const Field& field) {
  const auto* number = std::get_if<int64_t>(&field);
  return number ? *number : 0;
}

uint16_t qOf(const Field& field) {
  const auto* number = std::get_if<double>(&field);
  if (number == nullptr || *number < 0 || *number > 1) return Contact::noQ;
  return static_cast<uint16_t>(std::lround(*number * 1000));
}

/// For people only, so nothing in it may make the database refuse the row: what is too long or not ASCII.
std::string plain(std::string_view text) {
  constexpr size_t Longest = 255;
  std::string plain(text.substr(0, Longest));
  for (char& octet : plain)
    if (octet < ' ' || octet > '~') octet = '?';
  return plain;
}

}  // namespace

Store::Store(const std::string& table, Data::Database& database, const Transport::Service* transport, std::string defaultDomain)
    : _table(tableOf(table)), _database(database), _transport(transport), _defaultDomain(std::move(defaultDomain)) {}

const Transport::Listener* Store::listener(uint16_t id) const {
  if (_transport == nullptr) return nullptr;
  for (const auto& listener : _transport->listeners())
    if (listener.id == id) return &listener;
  return nullptr;
}

std::string_view Store::listenerText(uint16_t id) const {
  const auto* found = listener(id);
  return found ? std::string_view(found->text) : std::string_view();
}

uint16_t Store::listenerOf(std::string_view text) const {
  if (_transport == nullptr || text.empty()) return NoListener;
  for (const auto& listener : _transport->listeners())
    if (listener.text == text) return listener.id;
  return NoListener;
}

Row Store::rowOf(const Block& block) const {
  const Contact contact = block.contact();
  const std::string_view aor = block.text(Block::aor);
  const size_t at = aor.rfind('@');
  const auto* in = listener(contact.listener);
  // a second is the finest that the column has: never shorter than what the phone was told
  const Runtime::WallTime expiry = contact.permanent ? Runtime::WallTime{} : std::chrono::ceil<std::chrono::seconds>(contact.expires);
  return {ruidText(block),
          std::string(at == aor.npos ? std::string_view() : aor.substr(0, at)),
          std::string(at == aor.npos ? aor : aor.substr(at + 1)),
          std::string(contact.uri),
          optional(contact.received),
          optional(contact.path),
          Data::timeText(expiry),
          contact.q == Contact::noQ ? -1.0 : contact.q / 1000.0,
          std::string(contact.callId),
          int64_t{contact.cseq},
          Data::timeText(contact.modified),
          int64_t{0},
          static_cast<int64_t>(contact.flags),
          plain(contact.userAgent),
          in ? Field(in->text) : Field(),
          contact.methods ? Field(columnOfMethods(contact.methods)) : Field(),
          optional(contact.instance),
          int64_t{contact.regId}};
}

Block* Store::blockOf(const Row& row) const {
  const auto expiry = Data::timeOf(textOf(row[At::expires]));
  if (!expiry || textOf(row[At::contact]).empty() || textOf(row[At::ruid]).empty()) return nullptr;
  std::string aor(textOf(row[At::username]));
  const std::string_view host = textOf(row[At::domain]).empty() ? std::string_view(_defaultDomain) : textOf(row[At::domain]);
  if (host.empty()) return nullptr;
  if (!aor.empty()) aor += '@';
  aor += host;
  Contact contact;
  contact.uri = textOf(row[At::contact]);
  contact.received = textOf(row[At::received]);
  contact.path = textOf(row[At::path]);
  contact.callId = textOf(row[At::callid]);
  contact.userAgent = textOf(row[At::userAgent]);
  contact.instance = textOf(row[At::instance]);
  contact.regId = static_cast<uint32_t>(numberOf(row[At::regId]));
  contact.cseq = static_cast<uint32_t>(numberOf(row[At::cseq]));
  contact.q = qOf(row[At::q]);
  contact.methods = methodsOfColumn(numberOf(row[At::methods]));
  contact.flags = static_cast<uint64_t>(numberOf(row[At::cflags]));
  contact.listener = listenerOf(textOf(row[At::socket]));
  contact.permanent = *expiry == Runtime::WallTime{};
  contact.expires = *expiry;
  contact.modified = Data::timeOf(textOf(row[At::lastModified])).value_or(Runtime::WallTime{});
  const uint64_t id = ruidOf(textOf(row[At::ruid]));
  Block* block = Block::make(aor, contact, id ? std::string_view() : textOf(row[At::ruid]));
  if (block == nullptr) return nullptr;
  block->ruid = id;
  block->stored = true;
  return block;
}

Data::Failure Store::read(const std::function<void(Block*)>& each, size_t& unfit) {
  return _database.read(_table, [&](const Row& row) {
    if (Block* block = blockOf(row))
      each(block);
    else
      ++unfit;
  });
}

Data::Failure Store::find(std::string_view aor, std::vector<std::string>& contacts) {
  const size_t at = aor.rfind('@');
  const std::string user(at == aor.npos ? std::string_view() : aor.substr(0, at));
  return _database.read(
      _table,
      [&](const Row& row) {
        Block* const block = blockOf(row);
        if (block == nullptr) return;
        if (block->text(Block::aor) == aor) contacts.emplace_back(block->text(Block::uri));
        Block::free(block);
      },
      "username", user);
}

void Store::write(const Block& block, Data::Database::Committed committed) {
  _database.upsert(_table, rowOf(block), std::move(committed));
}

void Store::remove(const Block& block, Data::Database::Committed committed) {
  _database.remove(_table, {ruidText(block)}, std::move(committed));
}

}  // namespace Patchbay::Usrloc
