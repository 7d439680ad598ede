#include "SaveDecision.h"

#include <algorithm>

namespace Patchbay::Registrar {

namespace {

using Usrloc::Change;
using Usrloc::Contact;
using Kind = Change::Kind;

/// RFC 3261, 10.2.4: contacts are compared as URIs; mostly they are the same octets.
bool sameUri(std::string_view text, const Parser::Uri& uri) {
  if (text == uri.text) return true;
  const auto other = Parser::Uri::parse(text);
  return other && other->equivalent(uri);
}

bool isTouched(const std::vector<Change>& changes, const Contact& contact) {
  return std::any_of(changes.begin(), changes.end(), [&](const Change& change) { return change.contact.uri == contact.uri; });
}

}  // namespace

bool SaveDecision::refuse(int code, std::string_view reason) {
  _refusal = {code, reason};
  return false;
}

SaveDecision::Order SaveDecision::orderOf(const Contact& contact) const {
  if (contact.callId != _asked.callId() || _asked.cseq() > contact.cseq) return Order::newer;
  return _asked.cseq() == contact.cseq ? Order::repeated : Order::late;
}

bool SaveDecision::decide(std::span<const Contact> current, std::vector<Change>& changes) {
  if (!(_asked.removesAll() ? removeAll(current, changes) : decideContacts(current, changes))) return false;
  noteRemovals(changes);
  return true;
}

bool SaveDecision::decideContacts(std::span<const Contact> current, std::vector<Change>& changes) {
  if (!_asked.isQuery() && isLate(current)) return refuse(500, "Register Out of Order");
  for (const Item& item : _asked.items())
    if (!apply(item, current, changes)) return false;
  return limit(current, changes);
}

/// Of one Call-ID, all that is there is older than the request, or it is late; also what is not there any more does not come back.
bool SaveDecision::isLate(std::span<const Contact> current) const {
  if (std::any_of(current.begin(), current.end(), [this](const Contact& one) { return orderOf(one) == Order::late; })) return true;
  const auto& items = _asked.items();
  if (std::all_of(items.begin(), items.end(), [](const Item& item) { return item.expires == 0; })) return false;
  return _removals.isLate(_asked.aor(), _asked.callId(), _asked.cseq(), _now);
}

void SaveDecision::noteRemovals(const std::vector<Change>& changes) {
  for (const auto& [kind, contact] : changes) {
    if (kind != Kind::remove) continue;
    const bool own = contact.callId == _asked.callId();
    _removals.note(_asked.aor(), contact.callId, own ? _asked.cseq() : contact.cseq + 1, _now);
  }
}

bool SaveDecision::removeAll(std::span<const Contact> current, std::vector<Change>& changes) {
  for (const Contact& contact : current) {
    if (contact.permanent) continue;
    if (orderOf(contact) != Order::newer) return refuse(500, "Register Out of Order");
    changes.push_back({Kind::remove, contact});
  }
  return true;
}

bool SaveDecision::matches(const Item& item, const Contact& contact) {
  if (item.regId != 0 && !item.instance.empty() && contact.regId == item.regId && contact.instance == item.instance) return true;
  return sameUri(contact.uri, item.address.uri);
}

/// One by its URI and another one by its instance: both become the new one.
void SaveDecision::removeOthers(const Item& item, const Contact& known, std::span<const Contact> current,
                                std::vector<Change>& changes) const {
  if (item.regId == 0) return;
  for (const Contact& contact : current)
    if (&contact != &known && !contact.permanent && matches(item, contact)) changes.push_back({Kind::remove, contact});
}

bool SaveDecision::apply(const Item& item, std::span<const Contact> current, std::vector<Change>& changes) {
  const auto found = std::find_if(current.begin(), current.end(), [&](const Contact& contact) { return matches(item, contact); });
  const Contact* known = found == current.end() ? nullptr : &*found;
  if (known) {
    if (known->permanent) return true;
    if (orderOf(*known) == Order::repeated) {  // as it was when it came for the first time; put again, since that may not be written yet
      forgetEarlier(item, changes);
      changes.push_back({Kind::put, *known});
      return true;
    }
  }
  forgetEarlier(item, changes);
  if (known) removeOthers(item, *known, current, changes);
  // also when it is the same URI in other octets
  if (known && (item.expires == 0 || known->uri != item.address.uriText)) changes.push_back({Kind::remove, *known});
  if (item.expires != 0) changes.push_back({Kind::put, contactOf(item)});
  return true;
}

/// The same contact twice in one request: the last one counts.
void SaveDecision::forgetEarlier(const Item& item, std::vector<Change>& changes) const {
  if (_asked.items().size() == 1) return;
  std::erase_if(changes, [&](const Change& change) { return sameUri(change.contact.uri, item.address.uri); });
}

Contact SaveDecision::contactOf(const Item& item) const {
  Contact contact;
  contact.uri = item.address.uriText;
  if (item.behindNat || item.byConnection) contact.received = _asked.source();
  contact.path = _asked.path();
  contact.callId = _asked.callId();
  contact.userAgent = _asked.userAgent();
  contact.instance = item.instance;
  contact.regId = item.regId;
  contact.cseq = _asked.cseq();
  contact.q = item.q;
  contact.methods = item.methods;
  contact.listener = _listener;
  contact.modified = _now;
  contact.expires = _now + std::chrono::seconds(item.expires);
  return contact;
}

bool SaveDecision::limit(std::span<const Contact> current, std::vector<Change>& changes) {
  size_t count = current.size();
  for (const Change& change : changes) {
    const bool known =
        std::any_of(current.begin(), current.end(), [&](const Contact& contact) { return contact.uri == change.contact.uri; });
    if (change.kind == Kind::remove)
      --count;
    else if (!known)
      ++count;
  }
  for (; count > _policy.maxContacts && count > current.size(); --count)
    if (!_policy.replaceOldest || !dropOldest(current, changes)) return refuse(403, "Too Many Contacts");
  return true;
}

bool SaveDecision::dropOldest(std::span<const Contact> current, std::vector<Change>& changes) {
  const Contact* oldest = nullptr;
  for (const Contact& contact : current)
    if (!contact.permanent && !isTouched(changes, contact) && (!oldest || contact.modified < oldest->modified)) oldest = &contact;
  if (oldest == nullptr) return false;
  changes.push_back({Kind::remove, *oldest});
  return true;
}

void SaveDecision::result(std::span<const Contact> now) {
  for (const Contact& contact : now) {
    _lines.raw(&contact == now.data() ? "Contact: " : ", ");
    write(contact);
  }
  if (!now.empty()) _lines.raw("\r\n");
}

void SaveDecision::write(const Contact& contact) {
  const auto left = std::chrono::ceil<std::chrono::seconds>(contact.expires - _now).count();
  _lines.raw("<").text(contact.uri).raw(">");
  if (contact.q != Contact::noQ) {
    const char digits[] = {static_cast<char>('0' + contact.q / 1000), '.', static_cast<char>('0' + contact.q / 100 % 10),
                           static_cast<char>('0' + contact.q / 10 % 10), static_cast<char>('0' + contact.q % 10)};
    _lines.raw(";q=").raw({digits, sizeof digits});
  }
  _lines.raw(";expires=").number(contact.permanent ? 0xffffffffu : static_cast<uint64_t>(std::max<int64_t>(left, 0)));
  if (!contact.instance.empty()) _lines.raw(";+sip.instance=\"").text(contact.instance).raw("\"");
  if (contact.regId != 0) _lines.raw(";reg-id=").number(contact.regId);
}

}  // namespace Patchbay::Registrar
