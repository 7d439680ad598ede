#include "patchbay/core/Account.h"

#include <Poco/Exception.h>

#include "patchbay/core/Core.h"
#include "patchbay/parser/Names.h"

namespace Patchbay::Core {

namespace {

constexpr size_t Longest = 64;  // octets of a column

bool isOdd(char c) {
  return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == '"' || c == '\\' || c == ':' || c == '@';
}

}  // namespace

std::string lower(std::string_view text) {
  std::string folded(text);
  for (char& c : folded)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  return folded;
}

std::string_view textOf(const Data::Field& field) {
  const auto* text = std::get_if<std::string>(&field);
  return text ? std::string_view(*text) : std::string_view();
}

Account Account::parse(std::string_view text, std::string_view defaultDomain) {
  const size_t at = text.rfind('@');
  Account account{std::string(text.substr(0, at)), lower(at == text.npos ? defaultDomain : text.substr(at + 1))};
  const std::string shown = "'" + std::string(text) + "'";
  if (account.name.empty()) throw Poco::InvalidArgumentException(shown + " names no user");
  if (account.domain.empty())
    throw Poco::InvalidArgumentException(shown + " has no domain, and there is no default one: write user@domain");
  if (account.name.size() > Longest || account.domain.size() > Longest)
    throw Poco::InvalidArgumentException(shown + " is too long: a name and a domain have at most 64 octets each");
  for (const char c : account.name + account.domain)
    if (isOdd(c))
      throw Poco::InvalidArgumentException(shown + ": blanks, control characters, quotes, backslashes, ':' and '@' cannot stand in a name");
  return account;
}

Account Account::of(const Parser::Uri& uri) {
  Account account;
  if (!uri.isSip() || !Parser::unescape(uri.user, account.name)) return {};
  account.domain = lower(uri.host);
  return account;
}

Account Account::folded(const Service& core) const {
  DomainName room;
  return {name, std::string(core.mainDomain(domain, room))};
}

bool Account::isOf(const Data::Field& user, const Data::Field& rowDomain, std::string_view defaultDomain) const {
  if (textOf(user) != name) return false;
  const std::string_view own = textOf(rowDomain).empty() ? defaultDomain : textOf(rowDomain);
  return !own.empty() && Parser::equalIgnoringCase(own, domain);
}

}  // namespace Patchbay::Core
