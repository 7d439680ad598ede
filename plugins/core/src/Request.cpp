#include "patchbay/core/Request.h"

#include <cstring>

#include "RequestPool.h"

namespace Patchbay::Core {

namespace {

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
  _own.assign(old.begin(), old.end());
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

void Request::release() {
  if (_holds.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  snapshot.reset();
  if (_pool) _pool->give(*this);
}

void Request::setAttribute(uint8_t index, std::string_view value) {
  if (index >= _attributes.size()) _attributes.resize(index + 1);
  _attributes[index] = keep(value);
}

}  // namespace Patchbay::Core
