#pragma once

#include <array>
#include <memory>
#include <vector>

#include "Handover.h"
#include "LayerFactory.h"
#include "Listeners.h"
#include "Meters.h"
#include "OwnAddresses.h"
#include "RouteCache.h"
#include "SystemRoutes.h"
#include "patchbay/bundle/Plugin.h"
#include "patchbay/transport/Transport.h"

namespace Patchbay::Transport {

class StreamHub;
struct StreamCommon;

/// Listeners, and for each of them one socket a worker; for connections a hub a worker.
class PATCHBAY_API TransportPlugin : public Bundle::Plugin, public Service {
 public:
  TransportPlugin();
  ~TransportPlugin() override;
  void describe(Bundle::Declaration& declaration) override;
  void configure(Bundle::Host& host) override;
  void listen() override;
  void prepare(Bundle::Host& next) override;
  void commit() noexcept override;
  void discard() noexcept override;
  void stop() noexcept override;

  void attach(Receiver& receiver) override { _receiver = &receiver; }
  ListenerList listeners() const override { return _listeners ? _listeners->list() : ListenerList(); }
  const Listener* listenerFor(Protocol protocol, const Runtime::IpAddress& target, const Listener* preferred) const override;
  const Listener* routeTo(Protocol protocol, const Runtime::IpAddress& target, const Listener* received) const override;
  bool isOurs(const Runtime::Endpoint& endpoint) const override { return _own.contains(endpoint); }
  uint64_t wayTo(std::string_view host) override;
  Flow flowOf(uint64_t connection) const override;
  char* reserve(const Flow& flow, size_t octets) override;
  bool commit(const Flow& flow, size_t octets) override;

 private:
  void countQueues(Bundle::Host& host);
  void configureStreams(Bundle::Host& host);
  void readLayers(Bundle::Host& host, LayerFactory::Plan& plan) const;
  void readMutual(Bundle::Host& host, std::set<uint16_t>& mutual) const;
  Admin::Answer reloadCertificates();
  bool isChoice(Protocol protocol, const Runtime::IpAddress& target) const;
  StreamHub* hubFor(const Flow& flow) const;

  Bundle::Host* _host = nullptr;
  Receiver* _receiver = nullptr;
  std::array<QueueCell, Runtime::Workers::Most + 1> _queues;
  Meters _meters;
  OwnAddresses _own;
  LoadBoard _board;
  SystemRoutes _systemRoutes;
  std::vector<std::unique_ptr<RouteCache>> _routes;  ///< worker by worker
  LayerFactory _layers;
  std::optional<LayerFactory::Plan> _nextLayers;  ///< while a reload is under way
  std::unique_ptr<StreamCommon> _streams;
  std::unique_ptr<Listeners> _listeners;
  Runtime::DatagramOptions _options;
};

}  // namespace Patchbay::Transport
