#pragma once

#include <memory>
#include <string>
#include <vector>

#include "patchbay/admin/Operation.h"
#include "patchbay/runtime/Guarded.h"

namespace Patchbay::Admin {

/// All operations of a server. Thread-safe: bundles may come while it runs.
class PATCHBAY_API Operations {
 public:
  using Held = std::shared_ptr<const Operation>;

  /// Throws Poco::LogicException for a path that does not fit the parameters, and for a name, or method and path, that there are already.
  void add(Operation operation);
  std::vector<Held> all() const;

  /// What an HTTP request means.
  struct Match {
    Held operation;       ///< null when there is none
    Arguments arguments;  ///< of the path
    std::string allowed;  ///< the methods of this path, when only the method is wrong
  };
  /// `path` is what stands behind /api/v1, not yet decoded. A fixed segment goes before one in braces.
  Match find(const std::string& method, const std::string& path) const;

 private:
  Runtime::Guarded<std::vector<Held>> _all;
};

/// Adds the defaults. Everything wrong, in words that say what is allowed.
PATCHBAY_API std::vector<std::string> check(const Operation& operation, Arguments& arguments);

/// The names in braces of a path, in order.
PATCHBAY_API std::vector<std::string> pathParameters(const std::string& path);

/// The OpenAPI 3.0 document of all operations.
PATCHBAY_API Poco::JSON::Object openApi(const Operations& operations, const std::string& version);

}  // namespace Patchbay::Admin
