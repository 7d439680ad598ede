#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "patchbay/core/Request.h"
#include "patchbay/parser/Writer.h"
#include "patchbay/runtime/SipHash.h"

namespace Patchbay::Core {

/// Who takes messages before the rules see them: tm, then sl.
class PATCHBAY_API Claimant {
 public:
  virtual ~Claimant() = default;
  /// True: taken, the rules do not see it. The message has passed validation. Views into it are valid during the call only (retain a
  /// request to keep it).
  virtual bool claimRequest(Request& request) = 0;
  /// It may be retained and held, to deal with it later or on another worker.
  virtual bool claimReply(Request& reply) = 0;
  /// Something sent to this peer cannot be delivered.
  virtual void failed(const Transport::Flow& flow, int error) {
    (void)flow;
    (void)error;
  }
};

/// A reply of our own.
struct Reply {
  int code = 500;
  std::string_view reason = {};  ///< empty: the code's usual phrase
  std::string_view lines = {};   ///< further header lines, made with Parser::Writer, each with its line end
  std::string_view contentType = {};
  std::string_view body = {};
  std::string_view toTag = {};  ///< empty: the stateless tag of the request (100 gets none)
};

/// Makes server transactions for requests that have to wait: so copies are absorbed, a CANCEL is answered, 100 is sent. Offered by tm;
/// without it a waiting request has none.
class PATCHBAY_API TransactionMaker {
 public:
  virtual ~TransactionMaker() = default;
  /// Sets request.transaction and holds the request. False: refused (over the cap).
  virtual bool adopt(Request& request) = 0;
};

/// Room for the name of a domain.
using DomainName = std::array<char, 64>;

/// Served domains that are not in the configuration: kept in a database, for example.
class PATCHBAY_API DomainSource {
 public:
  virtual ~DomainSource() = default;
  /// Whether the host, in lower case and without a trailing dot, is one. From any worker, at any time.
  virtual bool serves(std::string_view host) const = 0;
  /// Whether any of them may be a second name of another one.
  virtual bool hasSecondNames() const { return false; }
  /// Of which domain the host is a second name, written to `out`; 0 octets: of none.
  virtual size_t firstName(std::string_view host, DomainName& out) const {
    (void)host;
    (void)out;
    return 0;
  }
};

/// Keeps trails: gives each request that the rules are to run on its incident id, and is told how they ended. On workers.
class PATCHBAY_API RequestObserver {
 public:
  virtual ~RequestObserver() = default;
  virtual uint64_t began(Request& request) = 0;
  virtual void ended(Request& request, Pipeline::Ending ending) = 0;
};

/// A dry run of the rules, told step by step on the worker that runs it.
class PATCHBAY_API Rehearsal : public Pipeline::StepObserver {
 public:
  /// It is over, and the request is gone after this call. A fault: it was none that the rules would have seen.
  virtual void done(Request& request, Pipeline::Ending ending, Parser::Fault fault) = 0;
};

/// What core offers to SIP plug-ins.
class PATCHBAY_API Service {
 public:
  virtual ~Service() = default;

  // At load:
  virtual void add(Claimant& claimant, int order) = 0;  ///< lower is asked first: tm 10, sl 20
  virtual void use(TransactionMaker& maker) = 0;
  /// Told of every step that rules take on a request (one observer; trails, explain). Costs two readings of the clock a step.
  virtual void use(Pipeline::StepObserver& observer) = 0;
  /// Asked after the configured domains, which stay (one source). It must live as long as workers run.
  virtual void use(const DomainSource& source) { (void)source; }
  /// One.
  virtual void use(RequestObserver& observer) { (void)observer; }

  // On workers:
  /// The one place where replies of ours begin: Via (with received and rport), From, To with tag, Call-ID, CSeq, Record-Route for 101-299
  /// of dialogs, Server, Warning 392 or incident id as configured, `lines`, body. Bounded by replyRoom().
  virtual void write(Received& request, const Reply& reply, Parser::Writer& out) = 0;
  virtual size_t replyRoom(const Received& request, const Reply& reply) const = 0;
  /// Where replies to this request go (RFC 3261, 18.2.2; RFC 3581): the source address; its port with rport or `forceRport`, else the
  /// Via's.
  virtual Transport::Flow replyFlow(Received& request, bool forceRport) const = 0;
  /// Sends through the request's transaction when it has one, else statelessly. Never answers an ACK (false). False also when it cannot be
  /// sent.
  virtual bool answer(Request& request, const Reply& reply) = 0;
  /// Whether a new request may be kept beyond this call: memory for those that wait has a cap (`pending_memory`). Counted when it may not;
  /// see answerBusy.
  virtual bool hasRoom(Request& request) {
    (void)request;
    return true;
  }
  /// The To tag that stateless replies to this request carry: a keyed hash of Call-ID, From tag and top Via branch. 16 octets to `out`;
  /// returns the end.
  virtual char* writeStatelessTag(Received& request, char* out) const = 0;
  /// Adds `received` and `rport` values to the topmost Via in the request's edits, as a forwarding server must (RFC 3261, 18.2.1; RFC 3581,
  /// 4). Idempotent.
  virtual void stampVia(Request& request) = 0;
  /// The URI text of the first remaining Route value (after what `loose_route` took away), empty when there is none.
  virtual std::string_view nextRoute(Request& request) = 0;

  /// Whether the host (no port) is a served domain, an alias, or, when none is configured, a listener's address.
  virtual bool isDomain(std::string_view host) const = 0;
  /// The domain that users at this host belong to: the served domain of which the host is a second name, in lower case and in `room`, else
  /// the host as it is. On any thread.
  virtual std::string_view mainDomain(std::string_view host, DomainName& room) const {
    (void)room;
    return host;
  }
  /// The domain of users that are named without one: the first that is configured, empty when none is.
  virtual std::string defaultDomain() const { return {}; }
  /// `uri == myself`: host and port are a listener's, an advertised address, or a served name with no or a listener's port.
  virtual bool isMyself(const Parser::Uri& uri) const = 0;

  /// A key for hashes that must stay the same as long as this server runs (per process), and this process's id in branches.
  virtual const Runtime::SipHash::Key& key() const = 0;
  virtual std::string_view instanceId() const = 0;
  /// A key for what must be known again after a restart: kept in the data folder (0600), may be shared by servers.
  virtual const Runtime::SipHash::Key& lastingKey() const = 0;

  /// As if this message had come by this flow, but dry: nothing is sent, answered or changed. On a worker; the octets are copied.
  virtual void rehearse(std::string_view octets, const Transport::Flow& flow, Rehearsal& rehearsal) {
    (void)octets;
    (void)flow;
    (void)rehearsal;
  }

  /// Runs another pipeline entry (branch, reply, failure) is the machine's affair; this gives the snapshot that new messages begin with.
  virtual const Pipeline::Snapshot& snapshot() const = 0;
  virtual Pipeline::Engine& engine() = 0;
};

/// When a request that was record-routed leaves by another listener than it came in by: the second Record-Route, for this side, with its
/// line end (RFC 5658, 4). Stands with our Via on top. At most 512 octets; nothing when one does.
/// Also when it leaves by a connection that the callee opened, which later requests must take, too (FlowToken).
PATCHBAY_API void writeSecondRecordRoute(Service& core, const Request& request, const Transport::Flow& out, Parser::Writer& writer);

/// 503 with a Retry-After between 5 and 15 seconds, by chance: those that are refused together shall not come back together.
PATCHBAY_API bool answerBusy(Service& core, Request& request);

/// RFC 3261, 16.3 step 5: of the extensions that a client may require of a proxy we support none. False: there is none in the request; else
/// it has been answered 420. Texts are kept in the request.
PATCHBAY_API bool refuseProxyRequire(Service& core, Request& request);

/// "Ringing" and the like (RFC 3261, 21, and the registry's others); "" for an unknown code gives the class's name.
PATCHBAY_API std::string_view reasonOf(int code);

}  // namespace Patchbay::Core
