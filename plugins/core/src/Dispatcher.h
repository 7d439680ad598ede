#pragma once

#include <array>
#include <utility>
#include <vector>

#include "Replies.h"
#include "RequestPool.h"
#include "patchbay/bundle/Plugin.h"
#include "patchbay/core/Core.h"

namespace Patchbay::Core {

class CorePlugin;

/// The way of a message: parse, validate, offer to the claimants, run the rules on what nobody claims.
class Dispatcher : public Transport::Receiver, public Pipeline::MachineOwner {
 public:
  explicit Dispatcher(CorePlugin& core) : _core(core) {}
  void configure(Bundle::Host& host);
  void start(Bundle::Host& host);
  void stop() noexcept { _pool.stop(); }
  void limit(const Parser::Limits& limits) { _limits = &limits; }
  void add(Claimant& claimant, int order);
  void use(TransactionMaker& maker) { _maker = &maker; }
  void use(Pipeline::StepObserver& observer) { _observer = &observer; }
  void use(RequestObserver& observer) { _trails = &observer; }
  void rehearse(std::string_view octets, const Transport::Flow& flow, Rehearsal& rehearsal);

  void received(std::string_view octets, const Transport::Flow& flow) override;
  void late(std::string_view octets, const Transport::Flow& flow, Runtime::Duration waited) override;
  void malformed(std::string_view octets, const Transport::Flow& flow, Parser::Fault fault) override;
  void failed(const Transport::Flow& flow, int error) override;

  void ended(Pipeline::Machine& machine, Pipeline::Ending ending) override;
  bool suspending(Pipeline::Machine& machine) override;
  void countReply(int code) { _replies[static_cast<size_t>(code / 100) % _replies.size()]->add(); }
  void countDropped() { _dropped->add(); }
  /// See Service::hasRoom.
  bool hasRoom(Request& request);

 private:
  Request*& hand();
  void take(std::string_view octets, const Transport::Flow& flow, Runtime::Instant at);
  void reply(Request& message, Parser::Fault fault);
  void request(Request& request, Parser::Fault fault);
  void note(const Request& message, Parser::Fault fault);
  void refuse(Request& request, Parser::Fault fault);
  void run(Request& request);
  void settleUnanswered(Request& request, Pipeline::Machine& machine, Pipeline::Ending ending);
  void report(Request& request, Pipeline::Machine& machine, std::string_view what);

  static constexpr Parser::Limits Defaults{};
  CorePlugin& _core;
  const Parser::Limits* _limits = &Defaults;
  RequestPool _pool;
  std::array<Request*, Runtime::Workers::Most + 1> _hand{};  ///< the request that the next message of this worker is read into
  std::vector<std::pair<int, Claimant*>> _claimants;
  TransactionMaker* _maker = nullptr;
  Pipeline::StepObserver* _observer = nullptr;
  RequestObserver* _trails = nullptr;
  Log::Logger* _log = nullptr;
  Runtime::Counter *_requests = nullptr, *_received = nullptr, *_malformed = nullptr, *_stray = nullptr, *_dropped = nullptr,
                   *_unsettled = nullptr, *_failures = nullptr, *_refused = nullptr;
  std::array<Runtime::Counter*, 7> _replies{};
};

}  // namespace Patchbay::Core
