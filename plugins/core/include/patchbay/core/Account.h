#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "patchbay/data/Table.h"
#include "patchbay/parser/Uri.h"

namespace Patchbay::Core {

class Service;

/// Who a row of `subscriber`, `grp` or `uri` is about: a user of a domain, the domain in small letters.
struct PATCHBAY_API Account {
  std::string name, domain;

  /// As operators write it: name@domain, or a name of the default domain. Throws Poco::InvalidArgumentException that says what is wrong.
  static Account parse(std::string_view text, std::string_view defaultDomain);
  /// A URI's user (unescaped) and host; without name when it has none.
  static Account of(const Parser::Uri& uri);
  /// With the domain that its domain is a second name of.
  Account folded(const Service& core) const;
  std::string text() const { return name + "@" + domain; }
  explicit operator bool() const { return !name.empty(); }
  /// Whether a row's user and domain are these: the database may compare without case, a user does not; a row without domain is of the
  /// default one.
  bool isOf(const Data::Field& user, const Data::Field& rowDomain, std::string_view defaultDomain) const;
};

/// Keeps something of users that goes with them. Told on an operator's thread: may block for seconds, and throw as operations do.
class PATCHBAY_API AccountObserver {
 public:
  virtual ~AccountObserver() = default;
  virtual void removed(const Account& account) = 0;
};

/// Offered by whoever keeps users; others add themselves at load, when there is one.
class PATCHBAY_API Accounts {
 public:
  virtual ~Accounts() = default;
  /// Whether there is such a user; nothing when no rule asks for users, so that nobody knows. On an operator's thread: asks the database,
  /// and throws when that fails.
  virtual std::optional<bool> exists(const Account& account) const = 0;
  virtual void add(AccountObserver& observer) = 0;
};

/// In small letters (ASCII).
PATCHBAY_API std::string lower(std::string_view text);
/// Empty for a number or null.
PATCHBAY_API std::string_view textOf(const Data::Field& field);

}  // namespace Patchbay::Core
