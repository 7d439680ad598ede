#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "Wire.h"
#include "World.h"

namespace Patchbay::Fuzz {

/// Knows from the datagrams alone what the server must not do: the invariants Z01 to Z07 of the test catalogue. What it cannot be sure
/// about (transactions that a bent or reflected message touched: `dirty`) it leaves alone.
class Oracle {
 public:
  using Time = Runtime::Duration;

  /// A datagram goes to the server. `clean`: as a sound peer would send it, unbent.
  void injected(const Runtime::Endpoint& from, const std::string& octets, Time at, bool clean);
  /// A datagram came from the server; `injecting` when one from us caused it, else a timer did.
  void sent(const Testsuite::World::Sent& sent, bool injecting);
  /// All that the last injected datagram causes at once has been told.
  void settled();
  /// Nothing comes any more, and the server says that it holds nothing.
  void ended() const;

 private:
  struct Server {
    std::string octets, uri;
    Runtime::Endpoint from;
    bool invite = false, dirty = false, stateless = false;
    int final = 0;
    std::string finalOctets;
    Time finalAt{};
    std::optional<Time> acked;
    bool heard = false;  ///< anything was sent because of it
    unsigned copies = 0, finals = 0;
  };
  struct Leg {
    std::string octets, server;
    Runtime::Endpoint to;
    Time sentAt{};
    bool dirty = false, stateless = false, provisional = false, final = false, cancelled = false;
    std::optional<Time> cancelAt, successAt;
    bool failed = false;
    unsigned copies = 0, finals = 0;
  };
  struct Injected {
    Wire wire;
    Runtime::Endpoint from;
    Time at{};
    bool clean = true;
  };

  void injectedRequest(const Injected& injected);
  void injectedReply(const Injected& injected);
  void again(Server& server, Time at);
  void spoil(const std::string& octets);
  void sentRequest(const Wire& wire, const Testsuite::World::Sent& sent);
  void sentLeg(const Wire& wire, const Testsuite::World::Sent& sent);
  void sentHopRequest(const Wire& wire, Leg& leg, const Testsuite::World::Sent& sent);
  void sentReply(const Wire& wire, const Testsuite::World::Sent& sent);
  void judgeReply(const Wire& wire, Server& server, Time at);
  void judgeFinal(const Wire& wire, Server& server, Time at);
  void judgeForwarded(const Wire& wire, const Injected& cause, const Testsuite::World::Sent& sent);
  bool mustGoUpstream(const Leg& leg, const std::string& method, Time at) const;
  bool mayBeBroken(const Wire& wire) const;
  const Injected* cleanCause(const Wire& wire) const;
  bool seen(const std::string& part) const;
  static std::string keyOf(const std::string& branch, const std::string& method);

  std::deque<Injected> _injected;
  std::map<size_t, size_t> _byMark;  ///< mark -> the first injected one that has it
  std::set<size_t> _spoiltMarks;
  std::map<std::string, Server> _servers;
  std::map<std::string, Leg> _legs;
  std::optional<size_t> _expected;  ///< the mark of a 2xx that must go upstream in this turn
  size_t _burst = 0;
};

}  // namespace Patchbay::Fuzz
