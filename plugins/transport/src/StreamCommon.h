#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "ConnectionCaps.h"
#include "Layers.h"
#include "Meters.h"
#include "OpenedConnections.h"
#include "OwnAddresses.h"
#include "PeerNames.h"
#include "patchbay/log/Logger.h"
#include "patchbay/runtime/Environment.h"
#include "patchbay/runtime/TimerWheel.h"

namespace Patchbay::Transport {

class StreamHub;

/// How long and how much; see the settings of the same names.
struct StreamLimits {
  Runtime::Duration message = std::chrono::seconds(4);
  Runtime::Duration stall = std::chrono::seconds(10);
  Runtime::Duration connect = std::chrono::seconds(4);
  Runtime::Duration handshake = std::chrono::seconds(10);
  Runtime::Duration idle = std::chrono::minutes(2);
  size_t queue = 32 * 1024;
  double handshakeRate = 200;
};

/// What all connections of the server share. Outlives the hubs.
struct StreamCommon {
  Runtime::Network& network;
  Log::Logger& log;
  Receiver* receiver;
  LayerMaker& layers;
  const OwnAddresses& own;
  const Meters& meters;
  StreamLimits limits;
  ConnectionCaps caps;
  OpenedConnections opened;
  PeerNames names;
  /// Numbers of connections begin here, elsewhere in each process: what somebody has kept of an earlier one means none of this one's.
  uint64_t firstId;
  size_t workers;
  Runtime::Guarded<std::unordered_map<uint64_t, Flow>> open;
  std::vector<std::unique_ptr<StreamHub>> hubs;  ///< by worker
  ~StreamCommon();
};

/// Something with a deadline in a hub's timer wheel.
class Timed : public Runtime::Timer {
 public:
  virtual ~Timed() = default;
  virtual void due(Runtime::Instant now) = 0;
};

}  // namespace Patchbay::Transport
