#pragma once

#include <string>

#include "Dispatcher.h"
#include "Domains.h"
#include "Replies.h"
#include "patchbay/bundle/Plugin.h"
#include "patchbay/core/Core.h"
#include "patchbay/runtime/Published.h"

namespace Patchbay::Core {

/// The core of SIP processing as a bundle: entry point, claimants, variables, replies.
class CorePlugin : public Bundle::Plugin, public Service {
  /// Workers ask without a lock.
  template <class Question>
  auto ask(const Question& question) const {
    return Runtime::Worker::slot() != 0 ? question(_domains.get()) : question(*_domains.hold());
  }

 public:
  CorePlugin() : _dispatcher(*this) {}

  void describe(Bundle::Declaration& declaration) override;
  void configure(Bundle::Host& host) override;
  void bind(Bundle::Host& host) override;
  void start() override;
  void listen() override;
  void prepare(Bundle::Host& next) override;
  void commit() noexcept override;
  void discard() noexcept override { _nextDomains.reset(); }
  void stop() noexcept override { _dispatcher.stop(); }

  void add(Claimant& claimant, int order) override { _dispatcher.add(claimant, order); }
  void use(TransactionMaker& maker) override { _dispatcher.use(maker); }
  void use(Pipeline::StepObserver& observer) override { _dispatcher.use(observer); }
  void use(const DomainSource& source) override {
    _source = &source;
    if (_nextDomains) _nextDomains->use(source);
  }
  void use(RequestObserver& observer) override { _dispatcher.use(observer); }
  void rehearse(std::string_view octets, const Transport::Flow& flow, Rehearsal& rehearsal) override {
    _dispatcher.rehearse(octets, flow, rehearsal);
  }
  void write(Received& request, const Reply& reply, Parser::Writer& out) override;
  size_t replyRoom(const Received& request, const Reply& reply) const override { return _repliesMade.room(request, reply); }
  Transport::Flow replyFlow(Received& request, bool forceRport) const override;
  bool answer(Request& request, const Reply& reply) override;
  bool hasRoom(Request& request) override { return _dispatcher.hasRoom(request); }
  char* writeStatelessTag(Received& request, char* out) const override { return _repliesMade.writeTag(request, out); }
  void stampVia(Request& request) override;
  std::string_view nextRoute(Request& request) override;
  bool isDomain(std::string_view host) const override {
    return ask([&](const Domains& domains) { return domains.contains(host); });
  }
  bool isMyself(const Parser::Uri& uri) const override {
    return ask([&](const Domains& domains) { return domains.isMyself(uri); });
  }
  std::string_view mainDomain(std::string_view host, DomainName& room) const override {
    return ask([&](const Domains& domains) { return domains.mainOf(host, room); });
  }
  std::string defaultDomain() const override { return _defaultDomain; }
  const Runtime::SipHash::Key& key() const override { return _key; }
  std::string_view instanceId() const override { return _instanceId; }
  const Runtime::SipHash::Key& lastingKey() const override { return _lastingKey; }
  const Pipeline::Snapshot& snapshot() const override { return _host->snapshot().get(); }
  Pipeline::Engine& engine() override { return _host->engine(); }

  void countDropped() { _dispatcher.countDropped(); }

 private:
  std::shared_ptr<Domains> readDomains(Bundle::Host& host) const;
  void publish(std::shared_ptr<Domains> domains);
  bool answerStatelessly(Request& request, const Reply& reply);
  Bundle::Host* _host = nullptr;
  Transport::Service* _transport = nullptr;
  Dispatcher _dispatcher;
  Replies _repliesMade;
  Runtime::Published<Domains> _domains;
  std::shared_ptr<Domains> _nextDomains;  ///< while a start or a reload is under way
  const DomainSource* _source = nullptr;
  Runtime::SipHash::Key _key{}, _lastingKey{};
  std::string _instanceId, _defaultDomain;
};

/// Parts of the declaration, each in its own file.
void declareMessageVariables(Bundle::Declaration& declaration, CorePlugin& core);
void declareStateVariables(Bundle::Declaration& declaration, CorePlugin& core);
void declareUriActions(Bundle::Declaration& declaration);
void declareFlowActions(Bundle::Declaration& declaration, CorePlugin& core);

}  // namespace Patchbay::Core
