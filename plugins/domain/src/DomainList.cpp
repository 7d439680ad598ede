#include "DomainList.h"

#include <algorithm>

#include "patchbay/core/Account.h"

namespace Patchbay::Domain {

namespace {

using Data::Column;

bool isHostOctet(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

}  // namespace

std::string hostOf(std::string_view text) {
  std::string host = Core::lower(text);
  if (!host.empty() && host.back() == '.') host.pop_back();
  if (host.size() > 64 || Runtime::IpAddress::parse(host)) return host.size() > 64 ? std::string() : host;
  return std::all_of(host.begin(), host.end(), isHostOctet) ? host : std::string();
}

Data::Table DomainList::tableNamed(const std::string& name) {
  return {name,
          2,
          {{"domain", Column::Type::text, 64},
           {"did", Column::Type::text, 64, true},
           {"last_modified", Column::Type::time, 255, false, "2000-01-01 00:00:01"}},
          {"domain"},
          {},
          1,
          99};
}

std::optional<DomainList::Entry> DomainList::entryOf(const Data::Row& row) {
  if (row.size() < 2) return {};
  Entry entry{hostOf(Core::textOf(row[0])), std::string(Core::textOf(row[1]))};
  if (entry.name.empty()) return {};
  if (entry.id.empty()) entry.id = entry.name;
  return entry;
}

const DomainList::Entry* DomainList::find(const Entries& entries, std::string_view host) {
  const auto found = std::lower_bound(entries.begin(), entries.end(), host, [](const Entry& e, std::string_view h) { return e.name < h; });
  return found != entries.end() && found->name == host ? &*found : nullptr;
}

const DomainList::Entry* DomainList::find(std::string_view host) const {
  return find(_entries.get(), host);
}

bool DomainList::serves(std::string_view host) const {
  if (Runtime::Worker::current()) return find(_entries.get(), host) != nullptr;
  const auto entries = _entries.hold();
  return find(*entries, host) != nullptr;
}

size_t DomainList::firstName(std::string_view host, Core::DomainName& out) const {
  const auto entries = Runtime::Worker::current() ? nullptr : _entries.hold();
  const Entry* entry = find(entries ? *entries : _entries.get(), host);
  if (!entry || entry->id == entry->name) return 0;
  const std::string first = hostOf(entry->id);
  if (first.size() > out.size() || first == host) return 0;
  return first.copy(out.data(), out.size());
}

bool DomainList::replace(Entries entries) {
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.name < b.name; });
  if (entries == *_entries.hold()) return false;
  _secondNames = std::any_of(entries.begin(), entries.end(), [](const Entry& e) { return e.id != e.name; });
  _entries.publish(std::make_shared<const Entries>(std::move(entries)), _workers);
  return true;
}

}  // namespace Patchbay::Domain
