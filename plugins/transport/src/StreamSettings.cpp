#include "StreamSettings.h"

namespace Patchbay::Transport {

using Pipeline::Parameter;
using Pipeline::Type;

namespace {

constexpr int64_t Millisecond = 1'000'000, Second = 1000 * Millisecond;

Parameter duration(const char* name, const char* text, const char* unset) {
  return {name, Type::duration, text, false, unset, 10 * Millisecond, 24 * 3600 * Second};
}

}  // namespace

void declareStreams(Bundle::Declaration& declaration) {
  auto& settings = declaration.settings;
  settings.push_back({"max_connections", Type::integer,
                      "Connections at once, in all. When there are so many, one that has been silent for "
                      "`idle_timeout` is ended for a new one; if there is none, new ones wait in the system's queue.",
                      false, "20000", 1, 10'000'000});
  settings.push_back({"max_connections_per_source", Type::integer,
                      "Connections at once from one IPv4 address or one IPv6 /64; more are closed at once.", false, "2000", 1, 10'000'000});
  settings.push_back(duration("message_timeout", "How long a message may take from its first octet to its last.", "4s"));
  settings.push_back(duration("send_timeout", "How long a peer may leave unread what is sent to it.", "10s"));
  settings.push_back(duration("connect_timeout", "How long it may take to connect to a peer.", "4s"));
  settings.push_back(duration("idle_timeout", "Silent for so long, a connection may be ended when there are too many.", "2min"));
  settings.push_back({"write_queue", Type::bytes, "What may wait for a peer that does not read; over it the connection is closed.", false,
                      "32KiB", 1024, 1 << 30});
  declaration.metrics.push_back({"transport_connections", "Connections that are open.", Runtime::Metrics::Kind::gauge});
  declaration.metrics.push_back({"transport_queued_octets", "Octets that wait in connections to be sent.", Runtime::Metrics::Kind::gauge});
  declaration.metrics.push_back({"transport_connections_accepted_total", "Connections that peers opened."});
  declaration.metrics.push_back({"transport_connections_opened_total", "Connections that were opened to peers."});
  declaration.metrics.push_back(
      {"transport_connections_refused_total",
       "Times that no connection was taken: too many in all (cap), from one source, no descriptors (files), or too many "
       "handshakes (rate)."});
  declaration.metrics.push_back(
      {"transport_connections_ended_total",
       "Connections that ended: by the peer, reset, never connected (connect), not to be framed, message too slow, peer that does not read "
       "(stalled, queue), handshake, evicted for a new one, stop."});
}

StreamLimits readStreamLimits(const Bundle::Settings& settings) {
  StreamLimits limits;
  limits.message = settings.duration("message_timeout");
  limits.stall = settings.duration("send_timeout");
  limits.connect = settings.duration("connect_timeout");
  limits.handshake = settings.duration("handshake_timeout");
  limits.handshakeRate = static_cast<double>(settings.integer("handshake_rate"));
  limits.idle = settings.duration("idle_timeout");
  limits.queue = static_cast<size_t>(settings.integer("write_queue"));
  return limits;
}

void countStreams(Bundle::Host& host, Meters& meters) {
  meters.accepted = &host.counter("transport_connections_accepted_total");
  meters.opened = &host.counter("transport_connections_opened_total");
  for (size_t i = 0; i < meters.refused.size(); ++i)
    meters.refused[i] = &host.counter("transport_connections_refused_total", {{"reason", std::string(nameOf(static_cast<Refusal>(i)))}});
  for (size_t i = 0; i < meters.handshakes.size(); ++i)
    meters.handshakes[i] = &host.counter("transport_handshake_failures_total", {{"reason", std::string(HandshakeFailures[i])}});
  for (size_t i = 0; i < meters.ended.size(); ++i)
    meters.ended[i] = &host.counter("transport_connections_ended_total", {{"reason", std::string(nameOf(static_cast<End>(i)))}});
}

}  // namespace Patchbay::Transport
