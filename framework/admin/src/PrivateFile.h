#pragma once

#include <string>

namespace Patchbay::Admin {

/// A file of secrets: mode 0600 from its first octet on, whole or as it was before (written beside it and moved there). Throws
/// Poco::FileException.
void writePrivateFile(const std::string& path, const std::string& text);
/// Empty when there is none. Throws Poco::FileException, also when others may read it.
std::string readPrivateFile(const std::string& path);

}  // namespace Patchbay::Admin
