#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "Policy.h"
#include "patchbay/parser/Message.h"
#include "patchbay/usrloc/Usrloc.h"

namespace Patchbay::Registrar {

/// In `received` of a contact: the connection that it registered by, as 16 hexadecimal digits at the end.
constexpr std::string_view ConnectionParameter = ";connection=";

/// The key of a URI's user in the tables, by the domain of which its host may be a second name; like Parser::writeAddressOfRecord, with
/// room for LongestAor and an octet.
char* writeKey(const Core::Service& core, const Parser::Uri& uri, char* out);

/// The number of the connection in a contact's `received`.
std::optional<uint64_t> connectionIn(std::string_view received);

/// One value of a Contact header, read and judged.
struct Item {
  Parser::Address address;
  std::string_view instance = {};
  Policy::Seconds expires = 0;  ///< 0: take it away
  uint32_t regId = 0;
  uint32_t methods = 0;
  uint16_t q = Usrloc::Contact::noQ;
  bool behindNat = false;
  bool byConnection = false;  ///< registered by a connection, and reached by it
};

/// What a REGISTER asks for (RFC 3261, 10.3). Reused: nothing is allocated once it has grown. All texts are views of the message.
class Registration {
 public:
  static constexpr size_t MostItems = 64;

  Registration(const Policy& policy, const Core::Service& core) : _policy(policy), _core(core) {}
  /// Whether it was made for these, so that it may be used again.
  bool isFor(const Policy& policy, const Core::Service& core) const { return &_policy == &policy && &_core == &core; }

  /// Steps 1 to 6 of RFC 3261, 10.3: the address of record, required extensions, contacts; all of them or a refusal.
  Refusal read(Parser::Message& message, const Transport::Flow& flow);

  std::string_view aor() const { return {_aor, _aorLength}; }
  const std::vector<Item>& items() const { return _items; }
  bool removesAll() const { return _star; }
  bool isQuery() const { return _items.empty() && !_star; }
  std::string_view callId() const { return _callId; }
  uint32_t cseq() const { return _cseq; }
  std::string_view userAgent() const { return _userAgent; }
  /// The Path values as one list; empty without.
  std::string_view path() const { return {_path.data(), _path.size()}; }
  /// "sip:192.0.2.1:5062", for contacts behind NAT.
  std::string_view source() const { return {_source, _sourceLength}; }
  /// The option tags that made the refusal a 420.
  std::string_view unsupported() const { return {_unsupported.data(), _unsupported.size()}; }

 private:
  Refusal readTarget(Parser::Message& message);
  Refusal readRequired(Parser::Message& message);
  Refusal readPath(Parser::Message& message, const Transport::Flow& flow);
  Refusal readContacts(Parser::Message& message, const Transport::Flow& flow);
  Refusal readList(Parser::Message& message, std::string_view value, const Transport::Flow& flow);
  Refusal readContact(Parser::Message& message, std::string_view value, const Transport::Flow& flow);
  Refusal readParameters(Parser::Message& message, Item& item) const;
  Refusal checkStar(Parser::Message& message) const;
  void writeSource(const Transport::Flow& flow);
  static void append(std::vector<char>& list, std::string_view text);

  const Policy& _policy;
  const Core::Service& _core;
  std::vector<Item> _items;
  std::vector<char> _path, _unsupported;
  std::string_view _callId, _userAgent;
  char _aor[LongestAor + 1];  // an IPv6 address may grow by an octet while it is written
  char _source[112];
  size_t _aorLength = 0, _sourceLength = 0;
  uint32_t _cseq = 0;
  bool _star = false;
};

}  // namespace Patchbay::Registrar
