#pragma once

#include "Authenticator.h"
#include "patchbay/pipeline/Declaration.h"

namespace Patchbay::Auth {

/// What the actions of this bundle need; constant once bound.
struct Means {
  Core::Service* core = nullptr;
  Authenticator* authenticator = nullptr;
  Runtime::Counter* challenges = nullptr;
};

Pipeline::ActionDeclaration challengeAction(Means& means, Side side);
Pipeline::ActionDeclaration consumeAction();

/// Whether text may stand as a realm: not empty, no quotes, backslashes or control characters, at most 255 octets.
bool isRealm(std::string_view text);

}  // namespace Patchbay::Auth
