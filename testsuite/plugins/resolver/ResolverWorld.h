#pragma once

#include <cppunit/extensions/HelperMacros.h>

#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "FakeHost.h"
#include "Listing.h"
#include "ResolverPlugin.h"

/// The plug-in with a transport and a name server that the tests play themselves.
namespace Patchbay::Resolver::Testing {

using namespace std::chrono_literals;
using Runtime::IpAddress;
using Transport::Protocol;

struct FakeTransport : Transport::Service {
  std::vector<Transport::Listener> all;
  void add(const char* local, Protocol protocol = Protocol::udp) {
    all.emplace_back();
    all.back().local = *Runtime::Endpoint::parse(local);
    all.back().protocol = protocol;
  }
  void attach(Transport::Receiver&) override {}
  Transport::ListenerList listeners() const override { return listing.of(all); }
  Testsuite::Listing listing;
  const Transport::Listener* listenerFor(Protocol, const IpAddress&, const Transport::Listener*) const override { return nullptr; }
  bool isOurs(const Runtime::Endpoint&) const override { return false; }
  char* reserve(const Transport::Flow&, size_t) override { return nullptr; }
  bool commit(const Transport::Flow&, size_t) override { return false; }
};

using Type = NameServer::Type;

/// Answers when the test says so, or at once what it knows. Unless `services` are in the game nothing has SRV and NAPTR records.
struct FakeNameServer : NameServer {
  struct Question {
    std::string name;
    Type type;
    std::function<void(Answer)> done;
  };
  std::vector<Question> asked;
  std::map<std::string, Answer> atOnce;
  bool services = false;
  void ask(const std::string& name, Type type, std::function<void(Answer)> done) override {
    if (!services && (type == Type::srv || type == Type::naptr)) return done({.outcome = Outcome::notFound});
    asked.push_back({name, type, done});
    if (const auto known = atOnce.find(name); known != atOnce.end()) done(known->second);
  }
  static Answer of(std::vector<const char*> addresses, std::chrono::seconds ttl = 60s) {
    Answer answer{Outcome::found, {}, ttl};
    for (const char* text : addresses) answer.records.push_back({.address = *IpAddress::parse(text)});
    return answer;
  }
  void answer(size_t index, Outcome outcome, std::vector<const char*> addresses = {}, std::chrono::seconds ttl = 60s) {
    Answer answer = of(std::move(addresses), ttl);
    answer.outcome = outcome;
    say(index, answer);
  }
  void service(size_t index, std::vector<const char*> targets, std::chrono::seconds ttl = 60s) {
    Answer answer{Outcome::found, {}, ttl};
    for (const char* target : targets) {
      const auto priority = static_cast<uint16_t>(answer.records.size());
      answer.records.push_back({.priority = priority, .port = 5070, .target = target});
    }
    say(index, answer);
  }
  void fail(size_t index, Failure failure = Failure::server) { say(index, {.failure = failure}); }
  /// The question for that name and type that was asked last.
  size_t last(const std::string& name, Type type) const {
    for (size_t i = asked.size(); i-- > 0;)
      if (asked[i].name == name && asked[i].type == type) return i;
    CPPUNIT_FAIL("not asked: " + name);
    return 0;
  }
  void say(size_t index, const Answer& answer) {
    const auto done = asked.at(index).done;
    done(answer);
  }
};

struct TestWaiter : Waiter {
  std::optional<Outcome> outcome;
  std::vector<Target> targets;
  std::function<void()> then;
  void resolved(Outcome result, const std::vector<Target>& found) override {
    CPPUNIT_ASSERT(!outcome);
    CPPUNIT_ASSERT(!waiting());
    outcome = result;
    targets = found;
    if (then) then();
  }
};

inline Query query(std::string_view host, uint16_t port = 0) {
  return {host, port, {}, false};
}

using Settings = Testsuite::FakeHost::SettingsMap;

struct World {
  explicit World(Settings settings = {}, bool v6 = false, const char* local = "127.0.0.1:5060") : host(plugin, with(std::move(settings))) {
    transport.add(local);
    if (v6) transport.add("[::1]:5060");
    host.services().provide<Transport::Service>(transport);
    host.services().override_<NameServer>(server);
    plugin.configure(host);
    plugin.bind(host);
    CPPUNIT_ASSERT_MESSAGE(host.problems.toString(), !host.problems.hasErrors());
    plugin.start();
  }
  ~World() { plugin.stop(); }
  static Settings with(Settings settings) {
    settings.emplace("hosts", "");
    return settings;
  }
  Outcome resolve(std::string_view name, Waiter& waiter) { return plugin.resolve(query(name), targets, waiter); }
  Outcome resolve(const Query& query) {
    TestWaiter waiter;
    return plugin.resolve(query, targets, waiter);
  }
  void pass(Runtime::Duration time) { host.environment_.advance(time); }
  std::string first() const { return targets.empty() ? "" : targets[0].endpoint.toString(); }

  FakeTransport transport;
  FakeNameServer server;
  ResolverPlugin plugin;
  Testsuite::FakeHost host;
  std::vector<Target> targets;
};

}  // namespace Patchbay::Resolver::Testing
