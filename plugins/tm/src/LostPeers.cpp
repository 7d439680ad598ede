#include "LostPeers.h"

#include <algorithm>

#include "Transactions.h"

namespace Patchbay::Tm {

namespace {

/// About what it takes to look at a branch is 50 ns; so long nothing is looked for again. Few cost nothing.
constexpr auto RestPerBranch = std::chrono::microseconds(1);
constexpr size_t Few = 256;

}  // namespace

void LostPeers::add(const Transport::Flow& flow) {
  if (_flows.size() >= Most || std::find(_flows.begin(), _flows.end(), flow) != _flows.end()) return;
  _flows.push_back(flow);
  if (_next <= _worker.now()) tick(_worker.now());
}

std::optional<Runtime::Instant> LostPeers::nextDue() {
  if (_flows.empty()) return {};
  return _next;
}

void LostPeers::tick(Runtime::Instant now) {
  const size_t seen = _tm.fail(std::exchange(_flows, {}));
  _next = now + (seen > Few ? RestPerBranch * static_cast<int64_t>(seen) : Runtime::Duration::zero());
}

}  // namespace Patchbay::Tm
