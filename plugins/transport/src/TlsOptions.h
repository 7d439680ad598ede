#pragma once

#include <map>
#include <string>
#include <vector>

#include "patchbay/bundle/Plugin.h"

namespace Patchbay::Transport {

/// What the operator says of TLS.
struct TlsOptions {
  struct Pair {
    std::string certificate;  ///< PEM file, the chain behind it
    std::string key;          ///< PEM file
  };
  Pair own;
  std::map<std::string, Pair> domains;  ///< by name asked for (SNI), in lower case
  std::string authorities;              ///< PEM file or folder; empty: the system's
  std::string revoked;                  ///< PEM file of CRLs; empty: none
  std::vector<std::string> clients;     ///< names, one of which a client of a mutual listener must prove; empty: any
  bool verifyServers = true;

  bool given() const { return !own.certificate.empty(); }
  /// Problems go to the host.
  static TlsOptions read(Bundle::Host& host);
};

void declareTls(Bundle::Declaration& declaration);

}  // namespace Patchbay::Transport
