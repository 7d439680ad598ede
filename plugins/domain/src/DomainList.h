#pragma once

#include <atomic>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/core/Core.h"
#include "patchbay/data/Database.h"
#include "patchbay/runtime/Published.h"

namespace Patchbay::Domain {

/// The served domains of the table, in memory; replaced whole.
class DomainList : public Core::DomainSource {
 public:
  struct Entry {
    std::string name;  ///< in small letters, without a dot at the end
    std::string id;  ///< what domains of one owner have in common; the name when the table says nothing. A domain: this is its second name
    friend bool operator==(const Entry&, const Entry&) = default;
  };
  using Entries = std::vector<Entry>;  ///< sorted by name

  explicit DomainList(Runtime::Workers& workers) : _workers(workers) {}
  bool serves(std::string_view host) const override;
  bool hasSecondNames() const override { return _secondNames.load(std::memory_order_relaxed); }
  size_t firstName(std::string_view host, Core::DomainName& out) const override;
  /// Null when the host is none; on a worker, until the end of its turn.
  const Entry* find(std::string_view host) const;
  /// From any thread; true when it is not what was there before.
  bool replace(Entries entries);
  std::shared_ptr<const Entries> all() const { return _entries.hold(); }

  static Data::Table tableNamed(const std::string& name);
  /// A row's; none when its domain is no host name.
  static std::optional<Entry> entryOf(const Data::Row& row);

 private:
  static const Entry* find(const Entries& entries, std::string_view host);
  Runtime::Workers& _workers;
  Runtime::Published<Entries> _entries;
  std::atomic<bool> _secondNames{false};
};

/// In small letters, without a dot at the end; empty when it is no host name.
std::string hostOf(std::string_view text);

}  // namespace Patchbay::Domain
