#include <cppunit/extensions/HelperMacros.h>

#include "FakeHost.h"
#include "GuardPlugin.h"

using namespace Patchbay;
using namespace Patchbay::Guard;

/// The settings that a reload may change.
class PolicyTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(PolicyTest);
  CPPUNIT_TEST(readsNetworksAndNames);
  CPPUNIT_TEST(refusesWhatIsNoNetwork);
  CPPUNIT_TEST(changesWhileItRuns);
  CPPUNIT_TEST_SUITE_END();

  using Settings = Testsuite::FakeHost::SettingsMap;
  static Runtime::IpAddress ip(const char* text) { return *Runtime::IpAddress::parse(text); }

 public:
  void readsNetworksAndNames() {
    GuardPlugin plugin;
    Testsuite::FakeHost host(plugin, {{"friends", "192.0.2.0/25, 2001:db8::/32, 198.51.100.7"}, {"scanners", "Evil, bad"}});
    const auto policy = Policy::read(host);
    CPPUNIT_ASSERT_MESSAGE(host.problems.toString(), !host.problems.hasErrors());
    for (const char* text : {"192.0.2.127", "2001:db8:1::1", "198.51.100.7"}) CPPUNIT_ASSERT_MESSAGE(text, policy.isFriend(ip(text)));
    for (const char* text : {"192.0.2.128", "2001:db9::1", "198.51.100.8"}) CPPUNIT_ASSERT_MESSAGE(text, !policy.isFriend(ip(text)));
    CPPUNIT_ASSERT(policy.scanners == std::vector<std::string>({"evil", "bad"}));
  }

  void refusesWhatIsNoNetwork() {
    for (const char* wrong : {"192.0.2.0/33", "example.org", "192.0.2.0/x", "2001:db8::/129"}) {
      GuardPlugin plugin;
      Testsuite::FakeHost host(plugin, {{"friends", wrong}});
      Policy::read(host);
      CPPUNIT_ASSERT_MESSAGE(wrong, host.problems.hasErrors());
    }
  }

  void changesWhileItRuns() {
    GuardPlugin plugin;
    Testsuite::FakeHost host(plugin, {{"scanners", "evil"}});
    plugin.configure(host);
    CPPUNIT_ASSERT(claims(plugin, host, "192.0.2.1:5060", "evil 1.0"));
    CPPUNIT_ASSERT(!claims(plugin, host, "192.0.2.2:5060", "worse 1.0"));
    Testsuite::FakeHost next(plugin, {{"scanners", "worse"}, {"friends", "192.0.2.1"}});
    plugin.prepare(next);
    CPPUNIT_ASSERT(!claims(plugin, host, "192.0.2.3:5060", "worse 1.0"));
    plugin.commit();
    CPPUNIT_ASSERT(claims(plugin, host, "192.0.2.4:5060", "worse 1.0"));
    CPPUNIT_ASSERT(!claims(plugin, host, "192.0.2.5:5060", "evil 1.0"));
    CPPUNIT_ASSERT(!claims(plugin, host, "192.0.2.1:5060", "evil 1.0"));  // banned, and a friend now
  }

 private:
  bool claims(GuardPlugin& plugin, Testsuite::FakeHost& host, const char* from, const std::string& agent) {
    bool claimed = false;
    host.environment_.worker.as([&] {
      Core::Request request;
      const std::string octets = "OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\nUser-Agent: " + agent + "\r\n\r\n";
      request.begin(octets, {&_listener, *Runtime::Endpoint::parse(from), 0}, host.environment_.clock.now());
      claimed = plugin.claimRequest(request);
    });
    return claimed;
  }
  Transport::Listener _listener;
};

CPPUNIT_TEST_SUITE_REGISTRATION(PolicyTest);
