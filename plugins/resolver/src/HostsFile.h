#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/runtime/Endpoint.h"

namespace Patchbay::Resolver {

/// The machine's table of names (hosts(5)), read once at the start: what it names is not asked for.
class HostsFile {
 public:
  /// `localhost` is there in any case. A file that cannot be read is an empty one.
  explicit HostsFile(const std::string& path);
  /// `text` in the file's form; what is no address and names is passed over.
  void add(std::string_view text);
  /// By name in lower case; null when it is not there.
  const std::vector<Runtime::IpAddress>* find(std::string_view name) const;

 private:
  std::map<std::string, std::vector<Runtime::IpAddress>, std::less<>> _names;
};

}  // namespace Patchbay::Resolver
