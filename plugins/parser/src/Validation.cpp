#include "Validation.h"

#include <utility>

#include "Into.h"
#include "Scan.h"

namespace Patchbay::Parser {

namespace {

constexpr uint64_t bit(HeaderId id) {
  return uint64_t{1} << static_cast<unsigned>(id);
}

struct Named {
  HeaderId id;
  const char* text;
};

constexpr Named Mandatory[] = {{HeaderId::via, "no Via"},
                               {HeaderId::from, "no From"},
                               {HeaderId::to, "no To"},
                               {HeaderId::callId, "no Call-ID"},
                               {HeaderId::cseq, "no CSeq"}};

constexpr Named Single[] = {{HeaderId::from, "two From headers"},
                            {HeaderId::to, "two To headers"},
                            {HeaderId::callId, "two Call-ID headers"},
                            {HeaderId::cseq, "two CSeq headers"},
                            {HeaderId::maxForwards, "two Max-Forwards headers"},
                            {HeaderId::contentLength, "two Content-Length headers"},
                            {HeaderId::contentType, "two Content-Type headers"},
                            {HeaderId::expires, "two Expires headers"},
                            {HeaderId::minExpires, "two Min-Expires headers"},
                            {HeaderId::event, "two Event headers"},
                            {HeaderId::referTo, "two Refer-To headers"},
                            {HeaderId::retryAfter, "two Retry-After headers"},
                            {HeaderId::maxBreadth, "two Max-Breadth headers"}};

constexpr uint64_t maskOf(const auto& list) {
  uint64_t mask = 0;
  for (const Named& named : list) mask |= bit(named.id);
  return mask;
}

/// The text of the first one of the list that is in the mask.
Fault firstOf(const auto& list, uint64_t mask) {
  for (const Named& named : list) {
    if (mask & bit(named.id)) return {400, named.text};
  }
  return {};
}

/// Whether all values of a list header satisfy.
template <class Check>
bool allValues(const Message& message, HeaderId id, Check check) {
  for (const Header* header = message.first(id); header; header = message.next(*header)) {
    ListValues list(message.text(header->value));
    size_t count = 0;
    for (; const auto value = list.next(); ++count) {
      if (!check(*value)) return false;
    }
    if (list.broken() || !count) return false;
  }
  return true;
}

}  // namespace

Fault Validation::run() {
  Fault fault = present();
  if (!fault) fault = single();
  if (!fault) fault = requestUri();
  if (!fault) fault = vias();
  if (!fault) fault = parties();
  if (!fault) fault = sequence();
  if (!fault) fault = callId();
  if (!fault) fault = maxForwards();
  if (fault || !_message.isRequest()) return fault;
  fault = contacts();
  return fault ? fault : routes();
}

Fault Validation::requestUri() {
  if (!_message.isRequest()) return {};
  const Uri* uri = _message.requestUri();
  if (!uri) return {400, "malformed Request-URI"};
  if (uri->headers.data()) return {400, "headers in the Request-URI"};
  return {};
}

Fault Validation::present() const {
  constexpr uint64_t mask = maskOf(Mandatory);
  const uint64_t missing = ~_message._present & mask;
  return missing ? firstOf(Mandatory, missing) : Fault{};
}

Fault Validation::single() const {
  constexpr uint64_t mask = maskOf(Single);
  const uint64_t twice = _message._repeated & mask;
  return twice ? firstOf(Single, twice) : Fault{};
}

Fault Validation::vias() {
  const Via* top = _message.topVia();
  if (!top) return {400, "malformed topmost Via"};
  if (top->hasCookie() && top->branch.size() == 7) return {400, "branch without content"};
  size_t count = 0;
  const bool good = allValues(_message, HeaderId::via, [&count](std::string_view) { return ++count, true; });
  if (!good) return {400, "malformed Via"};
  const size_t ours = _message.isRequest() ? 0 : 1;  // the request had the rest
  if (count > ours && count - ours > _message._viaLimit) return {513, "too many Via values"};
  return {};
}

Fault Validation::parties() {
  if (!_message.isRequest()) return {};  // a reply finds its way by Via and CSeq; these two are its receiver's to read
  const Address* from = _message.from();
  const Address* to = _message.to();
  if (!from || from->isStar) return {400, "malformed From"};
  if (!to || to->isStar) return {400, "malformed To"};
  return {};
}

Fault Validation::sequence() {
  const CSeq* cseq = _message.cseq();
  if (!cseq) return {400, "malformed CSeq"};
  if (_message.isRequest() && cseq->methodText != _message.methodText()) return {400, "CSeq method is not the request's"};
  return {};
}

Fault Validation::callId() const {
  const std::string_view value = _message.callId();
  const bool good = !value.empty() && Scan::allVisible(value.data(), value.data() + value.size());
  return good ? Fault{} : Fault{400, "malformed Call-ID"};
}

Fault Validation::maxForwards() {
  if (_message.has(HeaderId::maxForwards) && !_message.maxForwards()) return {400, "malformed Max-Forwards"};
  return {};
}

Fault Validation::contacts() const {
  const bool registration = _message._methodId == Method::registration;
  const bool good = allValues(_message, HeaderId::contact, [registration](std::string_view value) {
    Address contact;
    return parseInto(value, contact) && (registration || !contact.isStar);
  });
  return good ? Fault{} : Fault{400, "malformed Contact"};
}

/// The first one is kept: where the request goes is read from it.
Fault Validation::routes() {
  const bool good = allValues(_message, HeaderId::route, [this, first = true](std::string_view value) mutable {
    if (std::exchange(first, false)) return _message.topRoute() && _message.topRoute()->bracketed;
    Address route;
    return parseInto(value, route) && route.bracketed;
  });
  return good ? Fault{} : Fault{400, "malformed Route"};
}

}  // namespace Patchbay::Parser
