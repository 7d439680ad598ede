#pragma once

#include "Policy.h"
#include "patchbay/parser/Uri.h"

namespace Patchbay::Registrar {

/// What may be registered: nothing that would make us send where the phone itself could not, or to ourselves.
struct ContactRules {
  const Policy& policy;
  const Core::Service& core;

  /// Whether it can be taken for the one at the other end of this connection: at his address, or a browser, which has none (RFC 7118, 5).
  bool isOf(const Parser::Uri& uri, const Transport::Flow& flow) const;
  /// `behindNat`: its own address is not used, so it is not judged.
  Refusal judge(const Parser::Uri& uri, const Runtime::IpAddress& source, bool behindNat) const;
  /// Whether requests for the contact may be sent that way (RFC 3327): a Path leads as far as the contact itself would.
  bool isPath(const Parser::Uri& uri, const Runtime::IpAddress& source) const;
  /// It names an address that its REGISTER did not come from.
  bool isElsewhere(const Parser::Uri& uri, const Runtime::Endpoint& source) const;

 private:
  bool isRefusedPort(const Parser::Uri& uri) const;
};

}  // namespace Patchbay::Registrar
