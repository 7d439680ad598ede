#pragma once

#include <string>

#include "Dispatcher.h"
#include "Domains.h"
#include "Replies.h"
#include "patchbay/bundle/Plugin.h"
#include "patchbay/core/Core.h"

namespace Patchbay::Core {

/// The core of SIP processing as a bundle: entry point, claimants, variables, replies.
class CorePlugin : public Bundle::Plugin, public Service {
 public:
  CorePlugin() : _dispatcher(*this) {}

  void describe(Bundle::Declaration& declaration) override;
  void configure(Bundle::Host& host) override;
  void bind(Bundle::Host& host) override;
  void start() override;
  void listen() override;

  void add(Claimant& claimant, int order) override { _dispatcher.add(claimant, order); }
  void use(TransactionMaker& maker) override { _dispatcher.use(maker); }
  void use(Pipeline::StepObserver& observer) override { _dispatcher.use(observer); }
  void use(const DomainSource& source) override { _domains.use(source); }
  void use(RequestObserver& observer) override { _dispatcher.use(observer); }
  void rehearse(std::string_view octets, const Transport::Flow& flow, Rehearsal& rehearsal) override {
    _dispatcher.rehearse(octets, flow, rehearsal);
  }
  void write(Received& request, const Reply& reply, Parser::Writer& out) override;
  size_t replyRoom(const Received& request, const Reply& reply) const override { return _repliesMade.room(request, reply); }
  Transport::Flow replyFlow(Received& request, bool forceRport) const override;
  bool answer(Request& request, const Reply& reply) override;
  char* writeStatelessTag(Received& request, char* out) const override { return _repliesMade.writeTag(request, out); }
  void stampVia(Request& request) override;
  std::string_view nextRoute(Request& request) override;
  bool isDomain(std::string_view host) const override { return _domains.contains(host); }
  bool isMyself(const Parser::Uri& uri) const override { return _domains.isMyself(uri); }
  std::string_view mainDomain(std::string_view host, DomainName& room) const override { return _domains.mainOf(host, room); }
  std::string defaultDomain() const override { return _defaultDomain; }
  const Runtime::SipHash::Key& key() const override { return _key; }
  std::string_view instanceId() const override { return _instanceId; }
  const Runtime::SipHash::Key& lastingKey() const override { return _lastingKey; }
  const Pipeline::Snapshot& snapshot() const override { return _host->snapshot().get(); }
  Pipeline::Engine& engine() override { return _host->engine(); }

  void countDropped() { _dispatcher.countDropped(); }

 private:
  bool answerStatelessly(Request& request, const Reply& reply);
  Bundle::Host* _host = nullptr;
  Transport::Service* _transport = nullptr;
  Dispatcher _dispatcher;
  Replies _repliesMade;
  Domains _domains;
  Runtime::SipHash::Key _key{}, _lastingKey{};
  std::string _instanceId, _defaultDomain;
};

/// Parts of the declaration, each in its own file.
void declareMessageVariables(Bundle::Declaration& declaration, CorePlugin& core);
void declareStateVariables(Bundle::Declaration& declaration, CorePlugin& core);
void declareUriActions(Bundle::Declaration& declaration);
void declareFlowActions(Bundle::Declaration& declaration, CorePlugin& core);

}  // namespace Patchbay::Core
