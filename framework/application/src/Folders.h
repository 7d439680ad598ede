#pragma once

#include <string>
#include <vector>

namespace Patchbay::Application {

/// The folder of the running program.
std::string programFolder();
/// `path` made absolute (from `base` when it is relative) and without `.` and `..`.
std::string absolute(const std::string& path, const std::string& base);
/// The bundle folder beside the program: of a source tree, a build folder or an installation; empty when there is none.
std::string bundlesBesideProgram();
/// All places that were looked at, for the error text.
std::string bundlePlaces();
/// /var/lib/patchbay when it can be written or made, else ~/.local/share/patchbay; empty when there is neither.
std::string defaultDataFolder();
/// Makes the folder (mode 0700) when it is absent. Throws Poco::FileException with the reason when it cannot be used.
void makePrivateFolder(const std::string& path);

}  // namespace Patchbay::Application
