#pragma once

#include <optional>
#include <string>
#include <vector>

#include "patchbay/auth/Auth.h"
#include "patchbay/core/Account.h"
#include "patchbay/data/Table.h"

namespace Patchbay::AuthDb {

using Core::lower;
using Core::textOf;

/// A table of users as Kamailio 5 has it (username, domain, password, ha1, ha1b), and beside it our own for what that one cannot hold.
class Subscribers {
 public:
  /// `defaultDomain`: of rows without one; empty: such rows belong to nobody.
  Subscribers(const std::string& name, std::string defaultDomain);

  const std::string& name() const { return _users.name; }
  const Data::Table& users() const { return _users; }
  /// Hashes of SHA-256 and SHA-512-256.
  const Data::Table& hashes() const { return _hashes; }

  /// What to ask for: the columns, and their values for this user.
  const std::vector<std::string>& columnsFor(std::string_view realm) const;
  Data::Row valuesFor(const Auth::Claim& claim) const;
  /// The HA1 that the claim must have been made with, from rows of one of the two tables; none: no such user, or no such hash of him.
  std::optional<Auth::HexDigest> ha1Of(const std::vector<Data::Row>& rows, const Auth::Claim& claim, bool fromHashes) const;

  /// What is stored of a user: with the password itself, or its hashes only.
  static Data::Row userRow(const std::string& user, const std::string& domain, const std::string& password, bool plain);
  static Data::Row hashRow(const std::string& user, const std::string& domain, const std::string& password, const std::string& email);

 private:
  const Data::Row* rowOf(const std::vector<Data::Row>& rows, const Auth::Claim& claim) const;
  bool isDefault(std::string_view realm) const;
  Data::Table _users, _hashes;
  std::string _defaultDomain;
};

}  // namespace Patchbay::AuthDb
