#include "patchbay/resolver/Resolver.h"

namespace Patchbay::Resolver {

Waiter::~Waiter() {
  if (_cancel) _cancel(*this);
}

}  // namespace Patchbay::Resolver
