#pragma once

#include <openssl/ssl.h>

#include <string>
#include <vector>

namespace Patchbay::Transport {

/// Who a certificate names.
struct PeerCertificate {
  std::vector<std::string> names;      ///< of its subject alternative names: DNS, and hosts of sip URIs; in lower case
  std::vector<std::string> addresses;  ///< as IpAddress writes them

  /// The common name counts only when there is no alternative name at all (RFC 5922, 7.1).
  static PeerCertificate of(const SSL* connection);
  /// Exactly: RFC 5922, 7.2 allows no wildcards.
  bool proves(const std::string& name) const;
};

}  // namespace Patchbay::Transport
