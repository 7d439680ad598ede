#include "patchbay/core/Request.h"

#include <cstring>
#include <memory>
#include <new>

#include "RequestPool.h"

namespace Patchbay::Core {

namespace {

/// Of octets by a request that is free.
constexpr size_t MostKept = 8192;

/// Moves a view that points into the old octets.
void follow(std::string_view& view, std::string_view old, const char* base) {
  if (view.data() >= old.data() && view.data() <= old.data() + old.size()) view = {base + (view.data() - old.data()), view.size()};
}

}  // namespace

Request::Request() = default;
Request::~Request() = default;

void Request::begin(std::string_view octets, const Transport::Flow& from, Runtime::Instant when, const Parser::Limits& limits) {
  flow = from;
  at = when;
  _retained = false;
  _texts.clear();
  _attributes.clear();
  _uri.reset();
  _uriOf = nullptr;
  edits.clear();
  route = {};
  identity = {};
  recordRoute = {};
  orders = {};
  status = dropCode = 0;
  flags = 0;
  forceRport = viaStamped = false;
  transaction = nullptr;
  incident = 0;
  message.parse(octets, limits);
  destinations.reset(message.requestUriText());
}

void Request::retain() {
  if (_retained) return;
  _retained = true;
  const std::string_view old = message.octets();
  const size_t before = _own.capacity();
  _own.assign(old.begin(), old.end());
  if (_pool && _own.capacity() != before) _pool->grew(before, _own.capacity());
  const char* base = _own.data();
  for (auto& destination : destinations.all())
    for (auto* view : {&destination.uri, &destination.nextHop, &destination.path}) follow(*view, old, base);
  for (auto* view : {&route.dialogClass, &route.next, &identity.user, &identity.realm}) follow(*view, old, base);
  _uriOf = nullptr;
  message.moveTo(base);
}

std::string_view Request::keep(std::string_view text) {
  return _texts.copy(text);
}

char* Request::keepRoom(size_t octets) {
  return _texts.take(octets);
}

const Parser::Uri* Request::uri() {
  const auto text = destinations.main().uri;
  if (text.data() == message.requestUriText().data()) return message.requestUri();
  if (text.data() != _uriOf || text.size() != _uriLength) {
    _uri = Parser::Uri::parse(text);
    _uriOf = text.data();
    _uriLength = text.size();
  }
  return _uri ? &*_uri : nullptr;
}

bool Request::setUri(std::string_view text) {
  if (!Parser::Uri::parse(text)) return false;
  destinations.main().uri = keep(text);
  return true;
}

void Request::revertUri() {
  destinations.main().uri = message.requestUriText();
}

RequestHold Request::beside() {
  Request& other = _pool ? _pool->take() : *new Request;  // without a pool (a test's): gone with its last hold
  RequestHold hold(other);
  if (_pool) other.release();  // the pool's own
  other.begin(message.octets(), flow, at, Parser::Limits::none());
  other._retained = true;  // the octets are the origin's, which it holds
  other.answers(origin());
  other.edits = edits;
  other.destinations = destinations;
  other.orders = orders;
  other.route = route;
  other.recordRoute = recordRoute;
  other.forceRport = forceRport;
  other.viaStamped = viaStamped;
  other.transaction = transaction;
  other.incident = incident;
  return hold;
}

void Request::answers(Request& request) {
  request.hold();
  _origin = &request;
}

void Request::release() {
  if (_holds.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  const bool own = _origin && !_pool;  // see beside()
  letGo();
  if (_pool) {
    if (_own.capacity() > MostKept) forgetOctets();
    _pool->give(*this);
  }
  if (own) delete this;
}

/// So that one flood of large messages does not stay.
void Request::forgetOctets() {
  _pool->grew(_own.capacity(), 0);
  std::vector<char>().swap(_own);
}

void Request::letGo() {
  snapshot.reset();
  if (Request* const held = std::exchange(_origin, nullptr)) held->release();
}

void Request::setAttribute(uint8_t index, std::string_view value) {
  if (index >= _attributes.size()) _attributes.resize(index + 1);
  _attributes[index] = keep(value);
}

std::string_view Request::legAttribute(uint8_t index) const {
  for (const LegAttribute* one = destinations.main().attributes; one; one = one->next)
    if (one->index == index) return one->value;
  return {};
}

/// In the origin's texts: the destination may be copied, and live as long.
void Request::setLegAttribute(uint8_t index, std::string_view value) {
  Request& owner = origin();
  size_t room = sizeof(LegAttribute) + alignof(LegAttribute);
  void* place = owner.keepRoom(room);
  std::align(alignof(LegAttribute), sizeof(LegAttribute), place, room);
  LegAttribute*& first = destinations.main().attributes;
  first = new (place) LegAttribute{index, owner.keep(value), first};
}

}  // namespace Patchbay::Core
