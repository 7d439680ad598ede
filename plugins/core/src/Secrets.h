#pragma once

#include <string>

#include "patchbay/runtime/Random.h"
#include "patchbay/runtime/SipHash.h"

namespace Patchbay::Core {

/// The server's secret of 16 octets, kept as 32 hex digits in `<folder>/secret` (0600), made when absent. Several servers share it by
/// sharing the file's content. Throws Poco::Exception that names the file and says what is wrong with it.
Runtime::SipHash::Key lastingSecret(const std::string& folder, Runtime::Random& random);

/// A name for this process among those that ever ran: 8 letters and digits, for branches.
std::string makeInstanceId(Runtime::Random& random);

}  // namespace Patchbay::Core
