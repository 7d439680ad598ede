#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

#include "Handover.h"
#include "ListenAddress.h"
#include "Meters.h"
#include "OwnAddresses.h"
#include "UdpSocket.h"
#include "patchbay/bundle/Plugin.h"
#include "patchbay/runtime/Environment.h"
#include "patchbay/transport/Transport.h"

namespace Patchbay::Transport {

struct StreamCommon;

/// The listeners that are open, those that a reload has taken away, and those that it is about to open; with their sockets, one a worker.
///
/// A reload binds every new socket first (`prepare`), which is all that can fail; then each worker takes up its new sockets in a task of
/// its own, and then others see the new list. A listener that stays is not touched. One that is gone is closing: its address is still ours,
/// a datagram socket still sends, and hands on what ends something; connections live on, but no more are taken. It is closed when that has
/// lasted `drain` and no connection of it is left.
class Listeners : private Runtime::Ticker {
 public:
  struct Common {
    Runtime::Environment& environment;
    Log::Logger& log;
    StreamCommon& streams;
    OwnAddresses& own;
    const Meters& meters;
    LoadBoard& board;
  };

  explicit Listeners(const Common& common) : _common(common) {}
  ~Listeners() override;
  Listeners(const Listeners&) = delete;

  /// What the setting `listen` says; wrong values are told to the host.
  static std::vector<ListenAddress> read(Bundle::Host& host);
  /// The first ones. No sockets yet.
  void begin(Bundle::Host& host, const std::vector<ListenAddress>& addresses);
  /// Binds them, before workers run. Throws what the network throws.
  void open(Receiver& receiver, Bundle::Host& host);
  /// Workers have stopped.
  void close() noexcept;

  /// From any thread.
  ListenerList list() const { return ListenerList(*_open.load(std::memory_order_acquire)); }
  bool contains(const Listener& listener) const;
  /// Of those that are open or, while a reload is under way, will be; null when there is none.
  const Listener* find(const ListenAddress& address) const;
  /// The worker's own that this is called on; null for connections, and when it is closed.
  UdpSocket* socketOf(const Flow& flow) const;

  /// The next ones: binds what is new; problems go to the host. Not on a worker, as all that follows.
  void prepare(Bundle::Host& next, const std::vector<ListenAddress>& addresses, Runtime::Duration drain);
  /// Whether one of the next ones takes connections by TLS; before any `prepare` of the open ones.
  bool anySecure() const;
  bool isWanted(uint16_t id) const;
  void commit() noexcept;
  void discard() noexcept;
  /// For operators.
  Admin::Answer describe() const;

 private:
  struct Entry {
    enum class State : uint8_t { open, closing, closed };
    ListenAddress address;
    Listener listener;  ///< never freed, and not changed once it is bound
    State state = State::closed;
    bool holds = false;   ///< sockets that receive (or accept) for it
    bool wanted = false;  ///< by the next configuration
    Runtime::Instant closesAt{};
  };
  /// How one of the next ones comes to its sockets: they are there, or another one's with that address, or bound anew.
  struct Step {
    Entry* entry = nullptr;
    Entry* from = nullptr;
    std::vector<std::unique_ptr<Runtime::DatagramSocket>> datagrams = {};  ///< by worker
    std::vector<std::unique_ptr<Runtime::StreamListener>> streams = {};
  };
  struct Plan {
    std::vector<Step> steps = {};
    std::vector<const Listener*> leaving = {};
    std::vector<Runtime::IpAddress> machine = {};
    Runtime::Duration drain{};
  };
  /// One worker's own.
  struct alignas(64) Share {
    std::vector<std::unique_ptr<UdpSocket>> sockets;
    std::vector<UdpSocket*> byListener;  ///< by id; two of them are one when the listener has another name now
  };

  Step stepFor(const ListenAddress& address, const Plan& plan);
  Entry& make(const ListenAddress& address, const Plan& plan);
  void name(Listener& listener, const ListenAddress& address) const;
  void bind(Step& step);
  void turnOver(Plan& plan);
  void take(size_t worker, Plan& plan);
  void takeDatagrams(size_t worker, Step& step);
  void leave(size_t worker, const Listener& listener);
  void drop(size_t worker, const Listener& listener);
  void publish(const std::vector<const Listener*>& open);
  void tellOwn();
  void tell(const Plan& plan) const;
  bool hasConnections(const Listener& listener) const;
  bool end(Entry& entry, Runtime::Instant now);
  std::optional<Runtime::Instant> nextDue() override { return _nextClose; }
  void tick(Runtime::Instant now) override;

  const Common _common;
  Receiver* _receiver = nullptr;
  mutable std::mutex _mutex;   ///< of `_entries`, `_machine`, and what follows from them
  std::deque<Entry> _entries;  ///< by id; those that were closed, too
  std::vector<Runtime::IpAddress> _machine;
  /// Published one after the other; a few pointers each, so all of them stay.
  std::vector<std::unique_ptr<const std::vector<const Listener*>>> _lists;
  const std::vector<const Listener*> _none;
  std::atomic<const std::vector<const Listener*>*> _open{&_none};
  std::vector<Share> _shares;
  std::shared_ptr<Plan> _plan;  ///< while a reload is under way
  // The first worker's own:
  std::optional<Runtime::Instant> _nextClose;
  bool _ticking = false;
};

}  // namespace Patchbay::Transport
