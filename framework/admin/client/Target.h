#pragma once

#include <string>
#include <vector>

namespace Patchbay::Client {

/// Where the server is and how to be let in: options, then the environment, then what a server on this machine has left in its data folder.
struct Target {
  std::string url;
  std::string token;
  std::string tried;  ///< where a token was looked for, for error texts
  std::string ca = {};    ///< PEM file of who may vouch for an https server; empty: the system's
  bool pinned = false;    ///< `ca` is the very certificate that a server on this machine has left, whatever its name
};

struct Places {
  std::string admin;      ///< --admin, else $PATCHBAY_ADMIN
  std::string token;      ///< --token, else $PATCHBAY_TOKEN
  std::string tokenFile;  ///< --token-file
  std::string data;       ///< --data, else $PATCHBAY_DATA
  std::string ca;         ///< --ca, else $PATCHBAY_CA
};

/// With what the environment says where the options say nothing.
Places withEnvironment(Places options);
/// Throws Poco::FileException when a file that was named cannot be read.
Target findTarget(const Places& places);

}  // namespace Patchbay::Client
