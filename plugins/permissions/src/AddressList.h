#pragma once

#include <optional>
#include <string>
#include <vector>

#include "patchbay/data/Table.h"
#include "patchbay/runtime/Endpoint.h"
#include "patchbay/transport/Transport.h"

namespace Patchbay::Permissions {

/// One trusted network.
struct Trusted {
  int64_t group = 1;
  Runtime::IpAddress address;  ///< host bits are zero
  int mask = 32;
  uint16_t port = 0;                            ///< 0: any
  std::optional<Transport::Protocol> protocol;  ///< none: any
  int64_t id = 0;
  std::string tag;
  friend bool operator==(const Trusted&, const Trusted&) = default;
};

/// The trusted networks; immutable.
class AddressList {
 public:
  AddressList() = default;
  explicit AddressList(std::vector<Trusted> entries);
  bool contains(int64_t group, const Runtime::Endpoint& peer, Transport::Protocol protocol) const;
  const std::vector<Trusted>& entries() const { return _entries; }

  static Data::Table tableNamed(const std::string& name);
  /// What is wrong with the row, empty when nothing is.
  static std::string read(const Data::Row& row, Trusted& entry);
  static Data::Row rowOf(const Trusted& entry);
  /// "10.0.0.0/8", "192.0.2.1", "2001:db8::/32".
  static std::string networkText(const Trusted& entry);
  /// False when the text is none.
  static bool readNetwork(std::string_view text, Trusted& entry);

 private:
  struct Kind {
    int64_t group;
    bool v6;
    int mask;
    size_t begin, end;  ///< of _entries
  };
  std::vector<Trusted> _entries;  ///< sorted by group, family, mask, address
  std::vector<Kind> _kinds;
};

}  // namespace Patchbay::Permissions
