#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "patchbay/parser/Message.h"
#include "patchbay/runtime/SipHash.h"

namespace Patchbay::Tm {

/// What transactions are found by: 128 bits, keyed, so that equal keys are equal transactions and nobody can aim at one bucket.
struct Key {
  uint64_t first = 0;
  uint64_t second = 0;
  friend bool operator==(const Key&, const Key&) = default;
};

/// The server transaction that a request belongs to as a message of `method` (RFC 3261, 17.2.3): branch, sent-by and method when the branch
/// has the cookie, else Request-URI, From tag, Call-ID, CSeq number and the whole top Via, as RFC 2543 had it. An ACK belongs to its
/// INVITE; whether it is one to a 2xx is told by that one's state. None without a usable top Via.
std::optional<Key> serverKey(const Runtime::SipHash::Key& secret, Parser::Message& message, Parser::Method method);

/// The branch values that we write: cookie, this process's id, ".t", loop value, shard, and 64 random bits, in hexadecimal.
/// All branches of one server transaction live in its shard, so the shard stands in the value.
struct Branch {
  static constexpr std::string_view Cookie = "z9hG4bK";
  static constexpr size_t Digits = 2 + 16 + 2 + 16;

  uint64_t loop = 0;
  uint8_t shard = 0;
  uint64_t random = 0;

  static size_t room(std::string_view instance) { return Cookie.size() + instance.size() + Digits; }
  /// Writes room(instance) octets; returns their end.
  char* write(char* out, std::string_view instance) const;
  /// None when it is not one that this process wrote.
  static std::optional<Branch> parse(std::string_view branch, std::string_view instance);
  /// Of the client transaction: the reply's CSeq method belongs to it (RFC 3261, 17.1.3).
  Key key(Parser::Method method) const { return {loop ^ static_cast<uint64_t>(method), random}; }
};

/// A keyed hash of everything in the received request that decides where it goes (RFC 3261, 16.6 step 8; RFC 5393): two of the same are a
/// loop, a changed Request-URI makes a spiral. The top Via is left out, so that a loop is found when the request returns for the first
/// time.
uint64_t loopValue(const Runtime::SipHash::Key& secret, Parser::Message& message);
/// Whether one of the request's Vias is ours with that loop value.
bool hasLooped(const Parser::Message& message, std::string_view instance, uint64_t loop);

}  // namespace Patchbay::Tm
