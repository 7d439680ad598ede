#include "Questions.h"

#include <cstring>

#include "Plan.h"

namespace Patchbay::Resolver {

using Runtime::IpAddress;
using Type = NameServer::Type;

namespace {

constexpr size_t MostAddresses = 16, MostServices = 32;

size_t indexOf(Type type) {
  switch (type) {
    case Type::a:
      return 0;
    case Type::aaaa:
      return 1;
    case Type::srv:
      return 2;
    default:
      return 3;
  }
}

size_t indexOf(Outcome outcome) {
  if (outcome == Outcome::found) return 0;
  return outcome == Outcome::notFound ? 1 : 2;
}

bool asksForAddresses(const NameServer::Answer& answer) {
  return !answer.records.empty() && answer.records.front().address.valid();
}

}  // namespace

Questions::Questions(Runtime::Worker& worker, Desk& desk)
    : _worker(worker),
      _desk(desk),
      _cache(desk.bounds, {worker.random().next(), worker.random().next()}),
      _self(std::make_shared<Questions*>(this)) {}

Questions::~Questions() {
  *_self = nullptr;
  _desk.underWay -= _inquiries.size();
}

void Questions::ask(std::string_view name, Type type, Link& link) {
  char text[MostKeyOctets];
  std::memcpy(text, name.data(), name.size());
  text[name.size()] = "46sn"[indexOf(type)];
  const std::string_view key(text, name.size() + 1);
  if (const auto* known = _cache.find(key, _worker.now())) {
    _desk.hits->add();
    return link.asker->answered(link, *known);
  }
  inquire(key, std::string(name), type, link);
}

void Questions::inquire(std::string_view key, std::string name, Type type, Link& link) {
  const std::string owned(key);
  auto found = _inquiries.find(owned);
  const bool lost = found != _inquiries.end() && found->second->asked + _desk.deadline <= _worker.now();
  const bool joins = found != _inquiries.end() && !lost;
  if (joins)
    _desk.joined->add();
  else if (!lost && _desk.underWay.fetch_add(1) >= _desk.most)
    return refuse(key, link);
  else if (!lost)
    found = _inquiries.emplace(owned, std::make_unique<Inquiry>(owned)).first;
  link.before(found->second->waiting);
  link.inquiry = found->second.get();
  if (joins) return;
  found->second->asked = _worker.now();
  _desk.asked[indexOf(type)]->add();
  _desk.server.ask(name, type, [self = _self, owned](NameServer::Answer answer) {
    if (*self) (*self)->answered(owned, std::move(answer));
  });
}

void Questions::refuse(std::string_view key, Link& link) {
  --_desk.underWay;
  NameServer::Answer refused;
  refused.failure = NameServer::Failure::refused;
  count(refused);
  const auto* known = stale(key);
  link.asker->answered(link, known ? *known : refused);
}

void Questions::answered(const std::string& key, NameServer::Answer answer) {
  const auto node = _inquiries.extract(key);
  if (node.empty()) return;  // said twice
  --_desk.underWay;
  keepUseful(answer);
  count(answer);
  _cache.put(key, answer, _worker.now());
  if (answer.outcome == Outcome::failed)
    if (const auto* known = stale(key)) answer = *known;
  // whom we tell may cancel others of this line, or ask again
  Link& line = node.mapped()->waiting;
  while (line.next != &line) {
    Link& link = *line.next;
    link.unlink();
    link.asker->answered(link, answer);
  }
}

bool Questions::settleWithStale(Link& link) {
  const auto* known = stale(link.inquiry->key);
  if (!known) return false;
  link.unlink();
  link.asker->answered(link, *known);
  return true;
}

const NameServer::Answer* Questions::stale(std::string_view key) {
  const auto* known = _cache.revive(key, _worker.now());
  if (known) _desk.stale->add();
  return known;
}

void Questions::count(const NameServer::Answer& answer) {
  if (answer.failure != NameServer::Failure::refused) _desk.answers[indexOf(answer.outcome)]->add();
  if (answer.failure != NameServer::Failure::none) _desk.failures[static_cast<size_t>(answer.failure) - 1]->add();
}

/// Whoever owns a name may say that it is this machine, and so reach what listens for local programs only.
void Questions::keepUseful(NameServer::Answer& answer) const {
  if (answer.outcome == Outcome::pending) answer.outcome = Outcome::failed;
  if (answer.outcome != Outcome::found) return answer.records.clear();
  const size_t most = asksForAddresses(answer) ? MostAddresses : MostServices;
  if (most == MostAddresses)
    std::erase_if(answer.records, [this](const auto& record) { return !isReachable(record.address, _desk.useLoopback); });
  if (answer.records.size() > most) answer.records.resize(most);
  if (answer.records.empty()) answer.outcome = Outcome::notFound;
}

}  // namespace Patchbay::Resolver
