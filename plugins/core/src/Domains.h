#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "patchbay/core/Core.h"
#include "patchbay/parser/Uri.h"
#include "patchbay/transport/Transport.h"

namespace Patchbay::Core {

/// The names that this server serves. Immutable once the listeners are known (a reload makes another one), but for what a source adds.
class Domains {
 public:
  /// Throws nothing; names are kept in lower case without a trailing dot. False when a name is no host.
  bool add(std::string_view name);
  bool empty() const { return _names.empty(); }
  const std::vector<std::string>& names() const { return _names; }
  /// Takes the listeners' hosts as the served names when none was configured, and their ports in any case.
  void settle(const Transport::Service& transport);

  void use(const DomainSource& source) { _source = &source; }

  bool contains(std::string_view host) const;
  bool isMyself(const Parser::Uri& uri) const;
  std::string_view mainOf(std::string_view host, DomainName& room) const;

 private:
  bool listensOn(uint16_t port) const;
  /// Without configured names every address that we are reached at is a served one.
  bool isAddressOfOurs(std::string_view host) const;
  bool isListener(const Parser::Uri& uri) const;
  std::vector<std::string> _names;  // sorted
  bool _fromListeners = false;
  std::vector<uint16_t> _ports;
  const Transport::Service* _transport = nullptr;
  const DomainSource* _source = nullptr;
};

}  // namespace Patchbay::Core
