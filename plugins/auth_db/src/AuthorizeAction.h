#pragma once

#include <array>
#include <functional>

#include "Attempts.h"

namespace Patchbay::AuthDb {

/// www_authorize and proxy_authorize. `attempts` has one for each worker, by its index.
struct Authorizing {
  const Means& means;
  const std::vector<std::shared_ptr<Attempts>>& attempts;
  const Runtime::SipHash::Key& cacheKey;
  /// The table of that name, made when it is first named; null after an error has been reported.
  std::function<const Subscribers*(Pipeline::Binding&)> table;
};

Pipeline::ActionDeclaration authorizeAction(const Authorizing& authorizing, Auth::Side side);

/// The place of a user's HA1 in the cache.
CredentialCache::Key cacheKeyOf(const Runtime::SipHash::Key& key, std::string_view table, std::string_view realm, std::string_view username,
                                Auth::Algorithm algorithm);

}  // namespace Patchbay::AuthDb
