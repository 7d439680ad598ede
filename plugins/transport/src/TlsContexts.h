#pragma once

#include <Poco/Net/Context.h>

#include <map>
#include <memory>
#include <string>

#include "TlsOptions.h"

namespace Patchbay::Transport {

/// Certificates and rules, read once; a reload makes another set, and connections keep the one that they began with.
class TlsContexts {
 public:
  enum class Side : uint8_t { server, mutualServer, client };

  /// Throws Poco::Exception whose text names the file.
  explicit TlsContexts(TlsOptions options);
  TlsContexts(const TlsContexts&) = delete;

  SSL_CTX* of(Side side) const;
  const TlsOptions& options() const { return _options; }

 private:
  Poco::Net::Context::Ptr make(Poco::Net::Context::Usage usage, const TlsOptions::Pair& pair, Side side) const;
  void addRevoked(SSL_CTX* context) const;
  void offerDomains(Poco::Net::Context& context, std::map<std::string, Poco::Net::Context::Ptr>& domains, Side side);
  static int choose(SSL* connection, int* alert, void* domains);

  const TlsOptions _options;
  std::map<std::string, Poco::Net::Context::Ptr> _domains, _mutualDomains;
  Poco::Net::Context::Ptr _server, _mutual, _client;
};

}  // namespace Patchbay::Transport
