#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "patchbay/core/Core.h"

namespace Patchbay::Tm {

/// Events of server transactions, for accounting and trails. Called with the transaction's lock held: take note and return. `request` is
/// the transaction's retained request (null in `ended`).
class PATCHBAY_API Observer {
 public:
  virtual ~Observer() = default;
  virtual void created(Core::Request& request) { (void)request; }
  /// A branch was sent (or tried).
  virtual void branch(Core::Request& request, std::string_view uri, const Transport::Flow& flow) {
    (void)request;
    (void)uri;
    (void)flow;
  }
  /// A reply arrived from a branch.
  virtual void reply(Core::Request& request, Core::Received& reply) {
    (void)request;
    (void)reply;
  }
  /// The final reply that was sent upstream.
  virtual void final(Core::Request& request, int code) {
    (void)request;
    (void)code;
  }
  virtual void ended(uint64_t incident) { (void)incident; }
};

/// A request of our own.
struct Outgoing {
  std::string_view method;
  std::string_view requestUri;
  std::string_view nextHop = {};  ///< a URI to send to instead
  std::string_view from;          ///< name-addr without tag
  std::string_view to;
  std::string_view lines = {};  ///< further header lines, each with its line end
  std::string_view contentType = {};
  std::string_view body = {};
  Runtime::Duration timeout{};    ///< 0: 64 T1
  std::string_view callId = {};   ///< empty: a new one. For copies of a request, whose order the receiver must know
  std::string_view fromTag = {};  ///< empty: a new one
  uint32_t cseq = 1;
  Transport::Flow flow = {};  ///< set: by exactly this connection
};

/// Told of the answers to a request of our own, on the worker that sent it. Provisional replies (not 100) and one final; a timeout or
/// transport error comes as code 408 or 503 with no message. Deletes itself or is kept by its maker.
class PATCHBAY_API Answers {
 public:
  virtual ~Answers() = default;
  virtual void answer(int code, Core::Received* reply) = 0;
};

/// What tm offers to other plug-ins, besides its actions.
class PATCHBAY_API Service {
 public:
  virtual ~Service() = default;
  /// At load.
  virtual void add(Observer& observer) = 0;
  /// Sends a request of our own in a client transaction. False when it cannot be sent; `answers` is then not called. Non-INVITE only. On a
  /// worker.
  virtual bool send(const Outgoing& request, Answers& answers) = 0;
  /// Makes the server transaction now (t_newtran); false when there is one that the rules made, or over the cap.
  virtual bool newTransaction(Core::Request& request) = 0;
  /// Live transactions, client and server.
  virtual size_t transactions() const = 0;
};

}  // namespace Patchbay::Tm
