#pragma once

#include "RouteWalk.h"
#include "Signature.h"
#include "patchbay/core/Core.h"
#include "patchbay/pipeline/Declaration.h"
#include "patchbay/runtime/Counter.h"

namespace Patchbay::Rr {

/// loose_route: takes our own values off the top of the Route, undoes what a strict router did to the request (RFC 3261, 16.4), and finds
/// out whether one of our signatures vouches for the dialog. Writes Request::route.
class LooseRoute : public Pipeline::Action {
 public:
  /// What all places of the action share; lives as long as the plug-in.
  struct Common {
    const Core::Service* core = nullptr;
    const Transport::Service* transport = nullptr;
    const Signature& signature;
    std::chrono::minutes lifetime{};
    Runtime::Counter* verified = nullptr;
    Runtime::Counter* unproved = nullptr;
  };

  LooseRoute(const Common& common, uint8_t doneFlag) : _common(common), _done(uint64_t{1} << doneFlag) {}
  Pipeline::Verdict run(Pipeline::Machine& machine) override;

 private:
  /// One run.
  struct Visit {
    Core::Request& request;
    Runtime::WallTime now;
    bool dry;
    bool signedBadly = false;
    std::optional<RouteWalk::Value> spent;  ///< the last value, when it has become the Request-URI
    const Transport::Listener* wayOut;
    uint64_t caller = 0, callee = 0;  ///< connections of the dialog's sides
  };
  void undoStrictRouting(Visit& visit) const;
  void takeOwn(Visit& visit) const;
  const Transport::Listener* listenerOf(const Parser::Uri& uri) const;
  void take(Visit& visit, const Parser::Uri& uri) const;
  void direct(Visit& visit) const;
  void prove(Visit& visit, const Parser::Uri& uri) const;
  bool isOwn(const Parser::Uri& uri) const { return _common.core->isMyself(uri); }

  const Common& _common;
  uint64_t _done;
};

}  // namespace Patchbay::Rr
