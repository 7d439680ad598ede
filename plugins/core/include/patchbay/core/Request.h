#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "patchbay/core/Destination.h"
#include "patchbay/parser/Edits.h"
#include "patchbay/parser/Message.h"
#include "patchbay/pipeline/Machine.h"
#include "patchbay/pipeline/Snapshot.h"
#include "patchbay/transport/Transport.h"

namespace Patchbay::Core {

class Request;
class RequestHold;
struct Reply;

/// A message as it came: octets, where from, when.
class PATCHBAY_API Received : public Pipeline::Subject {
 public:
  Parser::Message message;
  Transport::Flow flow;
  /// When it arrived: the worker's time at the turn that read it, earlier by what it is known to have waited.
  Runtime::Instant at{};
};

/// The server transaction of a request, as others see it: the way its replies go. Made by tm.
class PATCHBAY_API RequestTransaction {
 public:
  virtual ~RequestTransaction() = default;
  /// Sends a reply and keeps it for retransmissions; a final one ends the request's need for answers. False when a final one was sent
  /// before.
  virtual bool reply(Request& request, const Reply& reply) = 0;
  /// The pipeline ended without an answer and without relaying (drop, stop): forget the request.
  virtual void abandon(Request& request) = 0;
};

/// Who proved who they are (digest, trusted address).
struct Identity {
  std::string_view user;
  std::string_view realm;
  explicit operator bool() const { return !user.empty(); }
};

/// What `loose_route` found in the request's own Route (design: signed Record-Route).
struct RouteFacts {
  enum class Direction : uint8_t { none, downstream, upstream };
  bool verified = false;  ///< a Route of ours with a valid signature for this dialog
  Direction direction = Direction::none;
  std::string_view dialogClass;  ///< the class that the rules gave when the dialog began
  bool taken = false;            ///< a Route value of ours was taken away
  /// The Route value to send to next (rest of the set), as URI text; empty when there is none.
  std::string_view next;
  bool nextKnown = false;  ///< `next` has been computed; Request::nextRoute() does it on demand
};

/// What the rules want of the transaction that is to come: pipelines (by their number in the program) for its branches, replies and
/// failure, and how long it waits. Constant from the sending of the first branch on.
struct TransactionOrders {
  static constexpr uint16_t None = 0xffff;
  static constexpr uint16_t Usual = 0xfffe;  ///< not chosen: the pipeline that has the name of its entry point
  uint16_t onBranch = Usual, onReply = Usual, onFailure = Usual;
  uint32_t noReply = 0, noAnswer = 0;  ///< milliseconds; 0: as configured
};

/// A request on its way through the rules, and then with its transaction. Pooled: reused, and freed by its worker only, long after a flood
/// needed it. Belongs to one worker while its pipeline runs; afterwards to its transaction (under the transaction's lock).
class PATCHBAY_API Request : public Received {
 public:
  Request();
  ~Request() override;

  /// Copies the octets into memory of its own (once; later calls are free), so that it may outlive the receive batch. Views into the
  /// message follow; views that others took into the octets before do not, but the destination set's are moved. `core` does it before a
  /// pipeline is suspended, tm when it keeps the request.
  void retain();
  bool retained() const { return _retained; }
  /// A copy of the text that lives as long as the request does.
  std::string_view keep(std::string_view text);
  /// Room in the request's own texts, for composing; shrink with the returned view's size at will.
  char* keepRoom(size_t octets);

  /// The current Request-URI: destinations.main().uri, parsed (kept until it changes). Null when it is no URI.
  const Parser::Uri* uri();
  /// False when the text is no URI; nothing changes then. The text is kept.
  bool setUri(std::string_view text);
  void revertUri();
  /// As received.
  std::string_view originalUri() { return origin().message.requestUriText(); }

  /// Another request over the same octets, for a pipeline of its own (a branch's, a failure's): edits, destinations, route and orders begin
  /// as a copy and are its own; flags, attributes and identity are those of `origin()`, which it holds. It may be stopped and held like any
  /// other. This one must be retained; on its worker.
  RequestHold beside();
  /// For a reply (read into one of these like any message): flags, attributes and identity are from now on those of this request, which
  /// it holds.
  void answers(Request& request);
  /// The request that flags, attributes and identity belong to: itself, but for what `beside` and `answers` made.
  Request& origin() { return _origin ? *_origin : *this; }

  /// A reference held by pipeline and transaction; the last release gives it back to the pool.
  void hold() { _holds.fetch_add(1, std::memory_order_relaxed); }
  void release();
  /// Gives back snapshot and origin: the request is at its end, though held.
  void letGo();
  /// Nobody but the asker holds it. On the worker that it began on.
  bool onlyHeldOnce() const { return _holds.load(std::memory_order_acquire) == 1; }

  DestinationSet destinations;
  Parser::Edits edits;
  TransactionOrders orders;
  RouteFacts route;
  Identity identity;
  uint64_t flags = 0;  ///< bit by Pipeline::Binding::flagIndex
  /// Set by record_route: the parameters of our Record-Route, from the first ';' on. See writeSecondRecordRoute.
  std::string_view recordRoute;
  bool forceRport = false;
  bool viaStamped = false;  ///< Service::stampVia has been here
  uint16_t status = 0;      ///< in a failure pipeline: of the reply that would go upstream
  uint16_t dropCode = 0;    ///< what <drop/> said that should be answered if nothing else is
  RequestTransaction* transaction = nullptr;
  Pipeline::SnapshotHold snapshot;
  uint64_t incident = 0;  ///< opaque id shown to people when something goes wrong
  Pipeline::Machine machine;

  /// Attributes by Pipeline::Binding::attributeIndex. Absent ones are empty.
  std::string_view attribute(uint8_t index) const { return index < _attributes.size() ? _attributes[index] : std::string_view(); }
  void setAttribute(uint8_t index, std::string_view value);
  /// The first destination's.
  std::string_view legAttribute(uint8_t index) const;
  void setLegAttribute(uint8_t index, std::string_view value);

  /// Used by core to begin anew with a received message.
  void begin(std::string_view octets, const Transport::Flow& flow, Runtime::Instant at, const Parser::Limits& limits = {});

 private:
  friend class RequestPool;
  friend class RequestShelf;
  void forgetOctets();

  std::vector<char> _own;
  Pipeline::Scratch _texts;
  std::vector<std::string_view> _attributes;
  std::optional<Parser::Uri> _uri;
  const char* _uriOf = nullptr;  ///< which text _uri was parsed from
  size_t _uriLength = 0;
  bool _retained = false;
  std::atomic<uint32_t> _holds{0};
  Request* _origin = nullptr;  ///< held
  class RequestPool* _pool = nullptr;
  size_t _home = 0;  ///< the slot of the worker that it began on
  Request* _nextFree = nullptr;
  Request *_nextMade = nullptr, *_madeBefore = nullptr;  ///< all of its worker's
};

/// Holds a request.
class RequestHold {
 public:
  RequestHold() = default;
  explicit RequestHold(Request& request) : _request(&request) { request.hold(); }
  RequestHold(RequestHold&& other) noexcept : _request(std::exchange(other._request, nullptr)) {}
  RequestHold& operator=(RequestHold&& other) noexcept {
    if (this != &other) {
      reset();
      _request = std::exchange(other._request, nullptr);
    }
    return *this;
  }
  ~RequestHold() { reset(); }
  void reset() {
    if (_request) std::exchange(_request, nullptr)->release();
  }
  Request* get() const { return _request; }
  Request* operator->() const { return _request; }
  Request& operator*() const { return *_request; }
  explicit operator bool() const { return _request != nullptr; }

 private:
  Request* _request = nullptr;
};

}  // namespace Patchbay::Core
