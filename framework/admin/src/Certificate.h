#pragma once

#include <Poco/Net/Context.h>

#include "patchbay/admin/Endpoint.h"

namespace Patchbay::Admin {

/// TLS 1.2 and 1.3 with forward secrecy only, no session is resumed. Throws Poco::Exception whose text names the file.
Poco::Net::Context::Ptr contextOf(const Certificate& certificate);

}  // namespace Patchbay::Admin
