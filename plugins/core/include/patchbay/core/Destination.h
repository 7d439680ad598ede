#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string_view>
#include <vector>

#include "patchbay/parser/Edits.h"
#include "patchbay/transport/Transport.h"

namespace Patchbay::Core {

/// A named text of one target: branch.attr.NAME. Lives as long as the request.
struct LegAttribute {
  uint8_t index;
  std::string_view value;
  LegAttribute* next;
};

/// One target of a request. Texts are views into the received message or the request's own texts: valid as long as the request.
struct Destination {
  std::string_view uri;      ///< the Request-URI that goes out
  std::string_view nextHop;  ///< a URI to send to instead of following Route or Request-URI: `received` of a contact, an outbound gateway
  std::string_view path;     ///< Path of a contact: becomes Route (RFC 3327)
  Transport::Flow flow;      ///< set: send on exactly this (a registered connection)
  const Transport::Listener* listener = nullptr;  ///< preferred way out
  uint16_t q = 1000;                              ///< thousandths
  uint64_t flags = 0;                             ///< the leg's own (branch.flag.NAME)
  LegAttribute* attributes = nullptr;             ///< the leg's own (branch.attr.NAME)
  const Parser::Edits* edits = nullptr;           ///< the leg's own
};

/// The targets of a request. The first one is the request's own Request-URI, which the URI actions rewrite; `lookup` and `append_branch`
/// add more. `t_relay` uses all, `forward` the first, a 300 reply lists them.
class DestinationSet {
 public:
  static constexpr size_t Most = 12;  ///< default branch limit

  Destination& main() { return _all.front(); }
  const Destination& main() const { return _all.front(); }
  /// When full, the one with the lowest q is left out; false when that is this one. The first destination stays whatever its q.
  bool add(const Destination& destination) {
    if (_all.size() < Most) return _all.push_back(destination), true;
    leaveOut(1);
    const auto lowest = std::min_element(_all.rbegin(), _all.rend() - 1, [](const auto& a, const auto& b) { return a.q < b.q; });
    if (lowest->q >= destination.q) return false;
    _all.erase(std::next(lowest).base());
    _all.push_back(destination);
    return true;
  }
  /// Some did not fit, or were not even offered.
  void leaveOut(size_t count) { _leftOut += static_cast<uint32_t>(count); }
  size_t leftOut() const { return _leftOut; }
  void reset(std::string_view uri) {
    _leftOut = 0;
    _all.clear();
    _all.push_back({uri, {}, {}, {}, nullptr, 1000, 0, nullptr, nullptr});
  }
  /// This one and no other.
  void reset(const Destination& only) {
    _leftOut = 0;
    _all.assign(1, only);
  }
  void dropExtra() { _all.resize(1); }
  const std::vector<Destination>& all() const { return _all; }
  std::vector<Destination>& all() { return _all; }

 private:
  std::vector<Destination> _all;
  uint32_t _leftOut = 0;
};

}  // namespace Patchbay::Core
