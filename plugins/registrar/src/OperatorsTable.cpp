#include "OperatorsTable.h"

#include <Poco/Exception.h>

#include "Policy.h"
#include "Registration.h"
#include "patchbay/parser/Uri.h"
#include "patchbay/parser/Writer.h"
#include "patchbay/runtime/Ask.h"

namespace Patchbay::Registrar {

namespace {

using Usrloc::Change;
using Usrloc::Contact;

constexpr auto CommitDeadline = std::chrono::seconds(5);

class Copy : public Usrloc::Visitor {
 public:
  explicit Copy(std::vector<ShownContact>& all) : _all(all) {}
  void contacts(std::span<const Contact> contacts) override {
    for (const Contact& one : contacts)
      _all.push_back({std::string(one.uri), std::string(one.received), std::string(one.path), std::string(one.callId),
                      std::string(one.userAgent), std::string(one.instance), one.q, one.cseq, one.permanent, one.expires});
  }

 private:
  std::vector<ShownContact>& _all;
};

bool same(std::string_view text, const std::string& given) {
  if (text == given) return true;
  const auto one = Parser::Uri::parse(text), other = Parser::Uri::parse(given);
  return one && other && one->equivalent(*other);
}

class Put : public Usrloc::Decision {
 public:
  Put(GivenContact given, Runtime::WallTime now) : _given(std::move(given)), _now(now) {}
  bool decide(std::span<const Contact> current, std::vector<Change>& changes) override {
    for (const Contact& contact : current)
      if (contact.uri != _given.uri && same(contact.uri, _given.uri)) changes.push_back({Change::Kind::remove, contact});
    Contact contact;
    contact.uri = _given.uri;
    contact.callId = "operator";
    contact.userAgent = "operator";
    contact.cseq = 1;
    contact.q = _given.q;
    contact.permanent = !_given.expires;
    contact.modified = _now;
    if (_given.expires) contact.expires = _now + std::chrono::duration_cast<Runtime::WallTime::duration>(*_given.expires);
    changes.push_back({Change::Kind::put, contact});
    return true;
  }
  void result(std::span<const Contact>) override {}

 private:
  const GivenContact _given;
  const Runtime::WallTime _now;
};

class Take : public Usrloc::Decision {
 public:
  Take(std::string uri, std::shared_ptr<size_t> count) : _uri(std::move(uri)), _count(std::move(count)) {}
  bool decide(std::span<const Contact> current, std::vector<Change>& changes) override {
    for (const Contact& contact : current)
      if (_uri.empty() || same(contact.uri, _uri)) changes.push_back({Change::Kind::remove, contact});
    *_count = changes.size();
    return !changes.empty();
  }
  void result(std::span<const Contact>) override {}

 private:
  const std::string _uri;
  const std::shared_ptr<size_t> _count;
};

bool isTarget(const Runtime::IpAddress& address) {
  using Runtime::Scope;
  const Scope scope = address.scope();
  return (scope == Scope::loopback || scope == Scope::linkLocal || scope == Scope::privateUse || scope == Scope::global) &&
         address.octets() != std::string_view("\xff\xff\xff\xff");
}

[[noreturn]] void refuse(const std::string& text) {
  throw Poco::InvalidArgumentException(text);
}

}  // namespace

OperatorsTable::OperatorsTable(const OperatorsServices& services, const std::string& table)
    : _services(services), _table(services.usrloc ? services.usrloc->find(table) : nullptr) {
  if (!_table)
    throw Poco::NotFoundException("there is no table '" + table + "': a table exists as long as a rule names it, as in lookup('" + table +
                                  "')");
  if (_table->state() != Usrloc::Table::State::ready)
    throw Poco::ExistsException("the table '" + table + "' is being loaded; try again soon");
}

std::string OperatorsTable::defaultDomain() const {
  std::string domain = _services.core->defaultDomain();
  if (domain.empty() && !_services.transport->listeners().empty()) domain = _services.transport->listeners().front().host;
  return domain;
}

std::string OperatorsTable::keyOf(const std::string& user) const {
  std::string text = user.find('@') == std::string::npos && !user.starts_with("sip:") ? user + "@" + defaultDomain() : user;
  if (!text.starts_with("sip:") && !text.starts_with("sips:")) text = "sip:" + text;
  const auto uri = Parser::Uri::parse(text);
  if (!uri || uri->user.empty() || text.size() > LongestAor)
    refuse("'" + user + "' is no user: write user, user@domain or sip:user@domain");
  if (!_services.core->isDomain(uri->host))
    refuse("'" + std::string(uri->host) + "' is no domain of this server, so nobody would look for " + user + " here");
  std::string key(LongestAor + 2, '\0');
  const char* end = writeKey(*_services.core, *uri, key.data());
  if (end == nullptr) refuse("'" + user + "' has a broken escape");
  key.resize(static_cast<size_t>(end - key.data()));
  return key;
}

std::string OperatorsTable::uriOf(const std::string& given) const {
  std::string text = given;
  if (text.size() > 2 && text.front() == '<' && text.back() == '>') text = text.substr(1, text.size() - 2);
  if (const size_t at = text.find('@'); at != std::string::npos && text.find(':') >= at) text = "sip:" + text;
  const auto uri = Parser::Uri::parse(text);
  if (!uri || !uri->isSip() || !Parser::isHeaderSafe(text))
    refuse("'" + given + "' is no SIP URI such as sip:joe@gateway.example.org:5060");
  if (!uri->headers.empty()) refuse("'" + given + "' has headers (behind '?'), which no target may have");
  if (text.size() > LongestContact) refuse("a contact has at most " + std::to_string(LongestContact) + " octets");
  if (const auto address = Runtime::IpAddress::parse(uri->host); address && !isTarget(*address))
    refuse("'" + std::string(uri->host) + "' is no address that a request can be sent to");
  return text;
}

std::vector<ShownContact> OperatorsTable::show(const std::string& key) const {
  std::vector<ShownContact> all;
  Copy copy(all);
  _table->visit(key, copy);
  return all;
}

/// On a worker, whose is what a table does when it has committed.
void OperatorsTable::change(const std::string& key, std::unique_ptr<Usrloc::Decision> decision) const {
  enum class Outcome { done, full, refused };
  const Runtime::Reply<Outcome> reply;
  const auto work = [reply, table = _table, key, decision = std::shared_ptr<Usrloc::Decision>(std::move(decision))] {
    const auto durability = table->change(key, *decision, Usrloc::Event::Origin::administration,
                                          [reply](bool durable) { reply.give(durable ? Outcome::done : Outcome::refused); });
    if (durability != Usrloc::Table::Durability::pending)
      reply.give(durability == Usrloc::Table::Durability::full ? Outcome::full : Outcome::done);
  };
  auto& worker = _services.environment->workers.at(0);
  if (Runtime::Worker::current() == &worker)
    work();
  else
    worker.post(work);
  const auto outcome = reply.wait(CommitDeadline);
  if (outcome == Outcome::full) throw Poco::ExistsException("the tables are full (<usrloc max_contacts_total>)");
  if (outcome != Outcome::done)
    throw Poco::IOException("the database takes no changes now: it is in memory, and is written when the database takes it");
}

void OperatorsTable::add(const std::string& key, const GivenContact& contact) const {
  change(key, std::make_unique<Put>(contact, _services.environment->clock.wall()));
}

size_t OperatorsTable::remove(const std::string& key, const std::string& uri) const {
  const auto count = std::make_shared<size_t>(0);
  change(key, std::make_unique<Take>(uri, count));
  return *count;
}

}  // namespace Patchbay::Registrar
