#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "patchbay/runtime/Counter.h"
#include "patchbay/runtime/Datagram.h"
#include "patchbay/runtime/Worker.h"
#include "patchbay/transport/Transport.h"

namespace Patchbay::Transport {

/// Which workers have more to do than they get done. Every worker writes its own place, all read.
class LoadBoard {
 public:
  void set(size_t worker, bool busy) { _busy[worker].value.store(busy, std::memory_order_relaxed); }
  bool isBusy(size_t worker) const { return _busy[worker].value.load(std::memory_order_relaxed); }

 private:
  struct alignas(64) Place {
    std::atomic<bool> value{false};
  };
  std::array<Place, Runtime::Workers::Most> _busy;
};

/// Lets other workers help one whose peers send more than it gets done: a trunk or a session border controller is one address, and so one
/// worker's. A socket that was not found empty for 20 ms shares its datagrams out by Call-ID among its own worker and those that had time
/// when that began, until it has been calm for two seconds; so the messages of a call keep their order, and the workers do not change
/// places with every breath. Used by the socket's worker only. Costs nothing but a comparison a batch as long as there is no need.
class Handover {
 public:
  struct Common {
    Receiver& receiver;
    Runtime::Workers& workers;
    LoadBoard& board;
    Runtime::Counter& handed;
  };
  static constexpr Runtime::Duration BusyAfter = std::chrono::milliseconds(20);
  static constexpr Runtime::Duration CalmAfter = std::chrono::seconds(2);
  /// Parcels (a batch at most) that wait for the helpers; above it the socket's own worker does the work, and so reads no more for a while:
  /// what it cannot do waits in the system's queue, which is bounded.
  static constexpr size_t MostUnderway = 64;

  Handover(Runtime::Worker& own, const Listener& listener, const Common& common) : _own(own), _listener(&listener), _common(common) {}
  /// From the next datagram on.
  void become(const Listener& listener) { _listener = &listener; }

  /// After every look at the socket: whether something was there.
  void note(bool found);
  bool active() const { return !_helpers.empty(); }
  /// True when another worker will get it, at the next `send`; the octets are copied. Only when active.
  bool take(const Runtime::Datagram& datagram);
  /// Sends off what was taken, one task a worker.
  void send();

 private:
  struct Parcel {
    struct Item {
      size_t begin, length;
      Runtime::Endpoint source;
      Runtime::Instant arrived;
    };
    std::string octets;
    std::vector<Item> items;
    size_t next = 0;
  };
  struct Helper {
    Runtime::Worker* worker;  ///< null: the socket's own
    std::unique_ptr<Parcel> parcel;
  };
  void begin();
  static void deliver(std::unique_ptr<Parcel> parcel, Runtime::Worker& worker, const Listener& listener, Receiver& receiver,
                      std::shared_ptr<std::atomic<size_t>> underway);

  Runtime::Worker& _own;
  const Listener* _listener;
  const Common _common;
  bool _found = false;
  Runtime::Instant _foundSince{}, _busyAt{};
  std::vector<Helper> _helpers;
  std::shared_ptr<std::atomic<size_t>> _underway = std::make_shared<std::atomic<size_t>>(0);
};

/// The value of the Call-ID header, blanks around it aside, without parsing the message; empty when there is none.
std::string_view callIdOf(std::string_view message);

}  // namespace Patchbay::Transport
