#pragma once

#include <string>
#include <vector>

#include <Poco/Net/HTTPServerRequest.h>

#include "patchbay/admin/Operation.h"

namespace Patchbay::Admin {

constexpr size_t MostHeadBytes = 8 * 1024, MostBodyBytes = 64 * 1024;

/// The arguments that an HTTP request gives: its query's and, but for GET, those of the JSON object that it brings. `arguments` may hold
/// the path's already. Gives the status to refuse it with, and why; 0 when it is good.
int readArguments(Poco::Net::HTTPServerRequest& request, Arguments& arguments, std::string& why);

}  // namespace Patchbay::Admin
