#include "Subscribers.h"

#include <algorithm>

#include "patchbay/auth_db/Subscriber.h"
#include "patchbay/parser/Names.h"

namespace Patchbay::AuthDb {

namespace {

using Auth::Algorithm;
using Data::Column;

enum At : size_t { username, domain, password, ha1, ha1b };
enum HashAt : size_t { sha256 = 2, sha256b, sha512, sha512b };

Column text(const char* name, size_t length) {
  return {name, Column::Type::text, length};
}

Data::Table hashesOf(const std::string& name) {
  return {name + "_hashes",
          1,
          {text("username", 64), text("domain", 64), text("sha256", 64), text("sha256b", 64), text("sha512_256", 64),
           text("sha512_256b", 64), text("email_address", 128)},
          {"username", "domain"},
          {{"username"}}};
}

size_t columnOf(Algorithm algorithm, bool withDomain) {
  if (algorithm == Algorithm::md5) return withDomain ? At::ha1b : At::ha1;
  if (algorithm == Algorithm::sha256) return withDomain ? HashAt::sha256b : HashAt::sha256;
  return withDomain ? HashAt::sha512b : HashAt::sha512;
}

std::string hashOf(Algorithm algorithm, const std::string& user, const std::string& realm, const std::string& secret) {
  return std::string(Auth::ha1Of(algorithm, user, realm, secret).text());
}

}  // namespace

Data::Table subscriberTable(const std::string& name) {
  Data::Table table{name,
                    7,
                    {text("username", 64), text("domain", 64), text("password", 64), text("ha1", 128), text("ha1b", 128)},
                    {"username", "domain"},
                    {{"username"}}};
  table.oldest = 1;  // one that is there serves by its columns
  table.newest = 99;
  return table;
}

Subscribers::Subscribers(const std::string& name, std::string defaultDomain)
    : _users(subscriberTable(name)), _hashes(hashesOf(name)), _defaultDomain(std::move(defaultDomain)) {}

bool Subscribers::isDefault(std::string_view realm) const {
  return !_defaultDomain.empty() && Parser::equalIgnoringCase(realm, _defaultDomain);
}

const std::vector<std::string>& Subscribers::columnsFor(std::string_view realm) const {
  static const std::vector<std::string> both{"username", "domain"}, name{"username"};
  return isDefault(realm) ? name : both;
}

Data::Row Subscribers::valuesFor(const Auth::Claim& claim) const {
  Data::Row values{std::string(claim.user)};
  if (!isDefault(claim.realm)) values.emplace_back(lower(claim.realm));
  return values;
}

/// The database may compare without case: the user is who he says exactly. The row of his domain counts before one without domain.
const Data::Row* Subscribers::rowOf(const std::vector<Data::Row>& rows, const Auth::Claim& claim) const {
  const Data::Row* without = nullptr;
  for (const auto& row : rows) {
    if (row.size() <= At::ha1b || textOf(row[At::username]) != claim.user) continue;
    const auto domain = textOf(row[At::domain]);
    if (Parser::equalIgnoringCase(domain, claim.realm)) return &row;
    if (domain.empty() && isDefault(claim.realm)) without = &row;
  }
  return without;
}

std::optional<Auth::HexDigest> Subscribers::ha1Of(const std::vector<Data::Row>& rows, const Auth::Claim& claim, bool fromHashes) const {
  const auto* row = rowOf(rows, claim);
  if (row == nullptr) return {};
  const Algorithm algorithm = claim.credentials.algorithm;
  if (!fromHashes) {
    const auto secret = textOf((*row)[At::password]);
    if (!secret.empty()) return Auth::ha1Of(algorithm, claim.credentials.username, claim.realm, secret);
    if (algorithm != Algorithm::md5) return {};
  }
  const size_t column = columnOf(algorithm, claim.withDomain);
  return column < row->size() ? Auth::hexDigestOf(algorithm, textOf((*row)[column])) : std::nullopt;
}

Data::Row Subscribers::userRow(const std::string& user, const std::string& domain, const std::string& password, bool plain) {
  return {user, domain, plain ? password : std::string(), hashOf(Algorithm::md5, user, domain, password),
          hashOf(Algorithm::md5, user + "@" + domain, domain, password)};
}

Data::Row Subscribers::hashRow(const std::string& user, const std::string& domain, const std::string& password, const std::string& email) {
  const std::string whole = user + "@" + domain;
  return {user,
          domain,
          hashOf(Algorithm::sha256, user, domain, password),
          hashOf(Algorithm::sha256, whole, domain, password),
          hashOf(Algorithm::sha512t256, user, domain, password),
          hashOf(Algorithm::sha512t256, whole, domain, password),
          email};
}

}  // namespace Patchbay::AuthDb
