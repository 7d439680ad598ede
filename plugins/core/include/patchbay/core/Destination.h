#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "patchbay/parser/Edits.h"
#include "patchbay/transport/Transport.h"

namespace Patchbay::Core {

/// One target of a request. Texts are views into the received message or the request's own texts: valid as long as the request.
struct Destination {
  std::string_view uri;      ///< the Request-URI that goes out
  std::string_view nextHop;  ///< a URI to send to instead of following Route or Request-URI: `received` of a contact, an outbound gateway
  std::string_view path;     ///< Path of a contact: becomes Route (RFC 3327)
  Transport::Flow flow;      ///< set: send on exactly this (a registered connection)
  const Transport::Listener* listener = nullptr;  ///< preferred way out
  uint16_t q = 1000;                              ///< thousandths
  uint64_t flags = 0;                             ///< the leg's own (branch.flag.NAME)
  const Parser::Edits* edits = nullptr;           ///< the leg's own
};

/// The targets of a request. The first one is the request's own Request-URI, which the URI actions rewrite; `lookup` and `append_branch`
/// add more. `t_relay` uses all, `forward` the first, a 300 reply lists them.
class DestinationSet {
 public:
  static constexpr size_t Most = 12;  ///< default branch limit

  Destination& main() { return _all.front(); }
  const Destination& main() const { return _all.front(); }
  /// False when full.
  bool add(const Destination& destination) {
    if (_all.size() >= Most) return false;
    _all.push_back(destination);
    return true;
  }
  void reset(std::string_view uri) {
    _all.clear();
    _all.push_back({uri, {}, {}, {}, nullptr, 1000, 0, nullptr});
  }
  void dropExtra() { _all.resize(1); }
  const std::vector<Destination>& all() const { return _all; }
  std::vector<Destination>& all() { return _all; }

 private:
  std::vector<Destination> _all;
};

}  // namespace Patchbay::Core
