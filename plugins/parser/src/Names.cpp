#include "patchbay/parser/Names.h"

#include <array>
#include <cstring>
#include <utility>

#include "Chars.h"

namespace Patchbay::Parser {

namespace {

constexpr std::array<std::string_view, 15> MethodNames = {"",        "INVITE",   "ACK",     "CANCEL",    "BYE",
                                                          "OPTIONS", "REGISTER", "MESSAGE", "SUBSCRIBE", "NOTIFY",
                                                          "REFER",   "PRACK",    "UPDATE",  "INFO",      "PUBLISH"};

constexpr std::array<std::string_view, static_cast<size_t>(HeaderId::count_)> HeaderNames = {"",
                                                                                             "Via",
                                                                                             "From",
                                                                                             "To",
                                                                                             "Call-ID",
                                                                                             "CSeq",
                                                                                             "Contact",
                                                                                             "Route",
                                                                                             "Record-Route",
                                                                                             "Max-Forwards",
                                                                                             "Expires",
                                                                                             "Min-Expires",
                                                                                             "Content-Length",
                                                                                             "Content-Type",
                                                                                             "Content-Encoding",
                                                                                             "Authorization",
                                                                                             "Proxy-Authorization",
                                                                                             "WWW-Authenticate",
                                                                                             "Proxy-Authenticate",
                                                                                             "Path",
                                                                                             "Service-Route",
                                                                                             "Require",
                                                                                             "Proxy-Require",
                                                                                             "Supported",
                                                                                             "Unsupported",
                                                                                             "Allow",
                                                                                             "Event",
                                                                                             "User-Agent",
                                                                                             "Server",
                                                                                             "Warning",
                                                                                             "Retry-After",
                                                                                             "Refer-To",
                                                                                             "Date",
                                                                                             "Max-Breadth"};

constexpr std::string_view nameAt(HeaderId id) {
  return HeaderNames[static_cast<size_t>(id)];
}

/// Some octets of a constant name as a number, and where letters stand, which may differ in their 0x20 bit.
template <class Word>
struct Folded {
  Word word = 0, letters = 0;
  constexpr Folded(std::string_view name, size_t from) {
    for (size_t i = 0; i < sizeof(Word); ++i) {
      const auto c = static_cast<unsigned char>(name[from + i]);
      const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      word |= static_cast<Word>(c | (letter ? 0x20u : 0u)) << (8 * i);
      letters |= static_cast<Word>(letter ? 0x20u : 0u) << (8 * i);
    }
  }
  bool matches(const char* at) const {
    Word found;
    std::memcpy(&found, at, sizeof found);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    found = sizeof(Word) == 8 ? static_cast<Word>(__builtin_bswap64(found)) : static_cast<Word>(__builtin_bswap32(found));
#endif
    return static_cast<Word>(found | letters) == word;
  }
};

/// Two loads, overlapping, cover a name of 4 to 16 octets; longer ones are few and take a third.
template <HeaderId Id>
inline bool matches(const char* at) {
  constexpr std::string_view name = nameAt(Id);
  constexpr size_t size = name.size();
  if constexpr (size >= 8) {
    constexpr Folded<uint64_t> head(name, 0), middle(name, (size - 8) / 2), tail(name, size - 8);
    return head.matches(at) && tail.matches(at + size - 8) && (size <= 16 || middle.matches(at + (size - 8) / 2));
  } else if constexpr (size >= 4) {
    constexpr Folded<uint32_t> head(name, 0), tail(name, size - 4);
    return head.matches(at) && tail.matches(at + size - 4);
  } else {
    return equalIgnoringCase({at, size}, name);
  }
}

template <HeaderId First, HeaderId... Others>
inline HeaderId oneOf(const char* at) {
  if (matches<First>(at)) return First;
  if constexpr (sizeof...(Others)) return oneOf<Others...>(at);
  return HeaderId::other;
}

/// RFC 3841, 3892, 3261, 6665, 4028, 8224 and 4474: those that have no HeaderId.
constexpr std::pair<std::string_view, std::string_view> OtherForms[] = {
    {"a", "Accept-Contact"}, {"b", "Referred-By"},  {"d", "Request-Disposition"}, {"j", "Reject-Contact"}, {"n", "Identity-Info"},
    {"s", "Subject"},        {"u", "Allow-Events"}, {"x", "Session-Expires"},     {"y", "Identity"},
};

HeaderId compactForm(char c) {
  switch (c | 0x20) {
    case 'v':
      return HeaderId::via;
    case 'f':
      return HeaderId::from;
    case 't':
      return HeaderId::to;
    case 'i':
      return HeaderId::callId;
    case 'm':
      return HeaderId::contact;
    case 'l':
      return HeaderId::contentLength;
    case 'c':
      return HeaderId::contentType;
    case 'e':
      return HeaderId::contentEncoding;
    case 'k':
      return HeaderId::supported;
    case 'o':
      return HeaderId::event;
    case 'r':
      return HeaderId::referTo;
    default:
      return HeaderId::other;
  }
}

}  // namespace

HeaderId headerOf(std::string_view name) {
  using enum HeaderId;
  const char* at = name.data();
  switch (name.size()) {
    case 1:
      return compactForm(*at);
    case 2:
      return oneOf<to>(at);
    case 3:
      return oneOf<via>(at);
    case 4:
      return oneOf<from, cseq, path, date>(at);
    case 5:
      return oneOf<route, allow, event>(at);
    case 6:
      return oneOf<server>(at);
    case 7:
      return oneOf<callId, contact, expires, require, warning>(at);
    case 8:
      return oneOf<referTo>(at);
    case 9:
      return oneOf<supported>(at);
    case 10:
      return oneOf<userAgent>(at);
    case 11:
      return oneOf<unsupported, minExpires, retryAfter, maxBreadth>(at);
    case 12:
      return oneOf<maxForwards, contentType, recordRoute>(at);
    case 13:
      return oneOf<authorization, proxyRequire, serviceRoute>(at);
    case 14:
      return oneOf<contentLength>(at);
    case 16:
      return oneOf<contentEncoding, wwwAuthenticate>(at);
    case 18:
      return oneOf<proxyAuthenticate>(at);
    case 19:
      return oneOf<proxyAuthorization>(at);
    default:
      return other;
  }
}

std::string_view otherFormOf(std::string_view name) {
  for (const auto& [compact, full] : OtherForms) {
    if (name.size() == 1 && (name.front() | 0x20) == compact.front()) return full;
    if (equalIgnoringCase(name, full)) return compact;
  }
  return {};
}

std::string_view nameOf(HeaderId id) {
  return id < HeaderId::count_ ? nameAt(id) : std::string_view{};
}

Method methodOf(std::string_view token) {
  using enum Method;
  const auto is = [token](Method method) { return std::memcmp(token.data(), nameOf(method).data(), token.size()) == 0 ? method : other; };
  const auto either = [is](Method a, Method b) { return is(a) == a ? a : is(b); };
  switch (token.size()) {
    case 3:
      return either(ack, bye);
    case 4:
      return is(info);
    case 5:
      return either(prack, refer);
    case 6:
      return token[0] == 'I' ? is(invite) : token[0] == 'C' ? is(cancel) : either(notify, update);
    case 7:
      return token[0] == 'O' ? is(options) : either(message, publish);
    case 8:
      return is(registration);
    case 9:
      return is(subscribe);
    default:
      return other;
  }
}

std::string_view nameOf(Method method) {
  return MethodNames[static_cast<size_t>(method)];
}

bool equalIgnoringCase(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i] && Chars::lower(a[i]) != Chars::lower(b[i])) return false;
  }
  return true;
}

bool isToken(std::string_view text) {
  for (const char c : text) {
    if (!Chars::is(c, Chars::Token)) return false;
  }
  return !text.empty();
}

}  // namespace Patchbay::Parser
