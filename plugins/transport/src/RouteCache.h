#pragma once

#include <array>

#include "patchbay/runtime/SipHash.h"
#include "patchbay/runtime/Worker.h"
#include "patchbay/transport/Routes.h"

namespace Patchbay::Transport {

/// What the routes said lately, so that the system is not asked for each message. One worker's own.
class RouteCache {
 public:
  static constexpr std::chrono::seconds Lifetime{10};  ///< after which a changed route is noticed

  RouteCache(Routes& routes, Runtime::Worker& worker);
  std::optional<Runtime::IpAddress> sourceFor(const Runtime::IpAddress& target);

 private:
  struct Entry {
    Runtime::IpAddress target, source;  ///< source invalid: there is no route
    Runtime::Instant expires{};
  };
  Routes& _routes;
  Runtime::Worker& _worker;
  const Runtime::SipHash::Key _key;
  std::array<Entry, 256> _entries;  ///< by hash; another target of the same place takes it
};

}  // namespace Patchbay::Transport
