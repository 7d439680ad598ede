#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "FakeEnvironment.h"
#include "Listing.h"
#include "patchbay/core/Core.h"
#include "patchbay/usrloc/Usrloc.h"

namespace Patchbay::Testsuite {

using namespace std::string_literals;
using namespace std::chrono_literals;

inline Runtime::Endpoint endpoint(const std::string& text) {
  return *Runtime::Endpoint::parse(text);
}

class FakeTransport : public Transport::Service {
 public:
  FakeTransport() {
    for (uint16_t id = 0; id < 2; ++id) {
      _listeners[id].id = id;
      _listeners[id].local = {*Runtime::IpAddress::parse("203.0.113.1"), static_cast<uint16_t>(5060 + id)};
    }
  }
  void attach(Transport::Receiver&) override {}
  Transport::ListenerList listeners() const override { return _listing.of(_listeners); }
  const Transport::Listener* listenerFor(Transport::Protocol, const Runtime::IpAddress&, const Transport::Listener*) const override {
    return nullptr;
  }
  bool isOurs(const Runtime::Endpoint&) const override { return false; }
  char* reserve(const Transport::Flow&, size_t) override { return nullptr; }
  bool commit(const Transport::Flow&, size_t) override { return false; }

 private:
  std::array<Transport::Listener, 2> _listeners;
  Testsuite::Listing _listing;
};

/// Serves the domain "x" and listens on 203.0.113.1:5060. Keeps the replies.
class FakeCore : public Core::Service {
 public:
  struct Answer {
    int code;
    std::string reason, lines;
  };
  void add(Core::Claimant&, int) override {}
  void use(Core::TransactionMaker&) override {}
  void use(Pipeline::StepObserver&) override {}
  void write(Core::Received&, const Core::Reply&, Parser::Writer&) override {}
  size_t replyRoom(const Core::Received&, const Core::Reply&) const override { return 0; }
  Transport::Flow replyFlow(Core::Received& request, bool) const override { return request.flow; }
  bool answer(Core::Request&, const Core::Reply& reply) override {
    answers.push_back({reply.code, std::string(reply.reason), std::string(reply.lines)});
    return true;
  }
  char* writeStatelessTag(Core::Received&, char* out) const override { return out; }
  void stampVia(Core::Request&) override {}
  std::string_view nextRoute(Core::Request&) override { return {}; }
  bool isDomain(std::string_view host) const override { return host == "x"; }
  bool isMyself(const Parser::Uri& uri) const override {
    return uri.host == "x" || (uri.host == "203.0.113.1" && uri.portOrDefault() == 5060);
  }
  const Runtime::SipHash::Key& key() const override { return _key; }
  std::string_view instanceId() const override { return "1"; }
  const Runtime::SipHash::Key& lastingKey() const override { return _key; }
  const Pipeline::Snapshot& snapshot() const override { throw Poco::NotImplementedException(); }
  Pipeline::Engine& engine() override { throw Poco::NotImplementedException(); }

  std::vector<Answer> answers;

 private:
  const Runtime::SipHash::Key _key{1, 2};
};

/// A location table made of strings.
class FakeTable : public Usrloc::Table {
 public:
  explicit FakeTable(const FakeClock& clock) : _clock(clock) {}
  const std::string& name() const override { return _name; }
  State state() const override { return loading ? State::loading : State::ready; }
  bool visit(std::string_view aor, Usrloc::Visitor& visitor) override {
    auto found = current(aor);
    if (!found.empty()) visitor.contacts(found);
    return !found.empty();
  }
  Durability change(std::string_view aor, Usrloc::Decision& decision, Usrloc::Event::Origin, std::function<void(bool)> committed) override {
    std::vector<Usrloc::Change> changes;
    if (!decision.decide(current(aor), changes)) return Durability::done;
    if (full) return Durability::full;
    for (const auto& change : changes) apply(std::string(aor), change);
    decision.result(current(aor));
    if (!writesThrough || changes.empty()) return Durability::done;
    waiting.push_back(std::move(committed));
    return Durability::pending;
  }
  size_t size() const override { return 0; }
  /// The contacts of an address of record, "sip:a sip:b".
  std::string uris(const std::string& aor) const {
    std::string text;
    for (const auto& contact : current(aor)) text += (text.empty() ? "" : " ") + std::string(contact.uri);
    return text;
  }
  const Usrloc::Contact& only(const std::string& aor) const {
    const auto& contacts = _contacts.at(aor);
    if (contacts.size() != 1) throw Poco::IllegalStateException("not one contact");
    return contacts.front().contact;
  }
  void put(const std::string& aor, const Usrloc::Contact& contact) { apply(aor, {Usrloc::Change::Kind::put, contact}); }

  bool loading = false, writesThrough = false, full = false;
  std::vector<std::function<void(bool)>> waiting;

 private:
  struct Kept {
    Usrloc::Contact contact;
    std::unique_ptr<std::vector<std::string>> texts = std::make_unique<std::vector<std::string>>();
  };
  std::vector<Usrloc::Contact> current(std::string_view aor) const {
    std::vector<Usrloc::Contact> contacts;
    const auto found = _contacts.find(std::string(aor));
    if (found == _contacts.end()) return contacts;
    for (const auto& kept : found->second)
      if (kept.contact.permanent || kept.contact.expires > _clock.wall()) contacts.push_back(kept.contact);
    return contacts;
  }
  void apply(const std::string& aor, const Usrloc::Change& change) {
    auto& contacts = _contacts[aor];
    const auto found =
        std::find_if(contacts.begin(), contacts.end(), [&](const Kept& kept) { return kept.contact.uri == change.contact.uri; });
    if (change.kind == Usrloc::Change::Kind::remove) {
      if (found != contacts.end()) contacts.erase(found);
      return;
    }
    Kept kept{change.contact};
    kept.texts->reserve(6);
    auto& own = kept.contact;
    for (auto* text : {&own.uri, &own.received, &own.path, &own.callId, &own.userAgent, &own.instance})
      *text = kept.texts->emplace_back(*text);
    if (found != contacts.end())
      *found = std::move(kept);
    else
      contacts.push_back(std::move(kept));
  }
  const FakeClock& _clock;
  const std::string _name = "location";
  std::map<std::string, std::vector<Kept>> _contacts;
};

/// A REGISTER of joe@x: `lines` are its header lines beyond the necessary ones.
inline std::string registerText(const std::string& lines, const std::string& to = "<sip:joe@x>", const std::string& callId = "call-1",
                                uint32_t cseq = 1) {
  return "REGISTER sip:x SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.7:5062;branch=z9hG4bK1\r\nMax-Forwards: 70\r\nFrom: "
         "<sip:joe@x>;tag=1\r\nTo: " +
         to + "\r\nCall-ID: " + callId + "\r\nCSeq: " + std::to_string(cseq) + " REGISTER\r\n" + lines + "Content-Length: 0\r\n\r\n";
}

}  // namespace Patchbay::Testsuite
