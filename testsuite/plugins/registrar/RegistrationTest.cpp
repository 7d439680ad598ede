#include <cppunit/extensions/HelperMacros.h>

#include "Registration.h"
#include "SaveDecision.h"
#include "Stage.h"

namespace Patchbay::Testsuite {

namespace {

using Registrar::Policy;
using Registrar::Refusal;
using Registrar::Registration;
using Registrar::SaveDecision;

/// Steps 1 to 7 of RFC 3261, 10.3, without a pipeline: what a REGISTER asks for, and what becomes of the table.
class RegistrationTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(RegistrationTest);
  CPPUNIT_TEST(addsRefreshesAndRemoves);
  CPPUNIT_TEST(queryChangesNothing);
  CPPUNIT_TEST(starRemovesAll);
  CPPUNIT_TEST(starStandsAloneAndWithExpiresZero);
  CPPUNIT_TEST(oneBadContactRefusesAll);
  CPPUNIT_TEST(laterCopyOfAnOlderRequestIsRefused);
  CPPUNIT_TEST(sameRequestAgainIsAnsweredAsBefore);
  CPPUNIT_TEST(otherCallIdMayBeginAnew);
  CPPUNIT_TEST(expiresByItsRules);
  CPPUNIT_TEST(tooShortIs423);
  CPPUNIT_TEST(limitRefusesTheOneTooMany);
  CPPUNIT_TEST(tenThousandAttemptsLeaveTen);
  CPPUNIT_TEST(limitReplacesTheOldest);
  CPPUNIT_TEST(olderOneBringsNothingBack);
  CPPUNIT_TEST(olderOneBringsNothingBackWhenAllIsGone);
  CPPUNIT_TEST(portsOfOtherServicesAreRefused);
  CPPUNIT_TEST(instanceAndUriOfTwoContactsBecomeOne);
  CPPUNIT_TEST(loweredLimitLetsOldOnesRefresh);
  CPPUNIT_TEST(addressOfRecordIsNormal);
  CPPUNIT_TEST(strangeAddressesOfRecordAreRefused);
  CPPUNIT_TEST(contactsWithRoutingDataAreRefused);
  CPPUNIT_TEST(narrowAddressesAreRefused);
  CPPUNIT_TEST(loopbackFromLoopback);
  CPPUNIT_TEST(contactToOurselvesIsRefused);
  CPPUNIT_TEST(refusedContactMayStillBeRemoved);
  CPPUNIT_TEST(qByItsRules);
  CPPUNIT_TEST(equalUrisAreOneContact);
  CPPUNIT_TEST(sameContactTwiceCountsOnce);
  CPPUNIT_TEST(instanceReplacesItself);
  CPPUNIT_TEST(pathIsKeptWhenSupported);
  CPPUNIT_TEST(pathLeadsNoFurtherThanAContact);
  CPPUNIT_TEST(longTextsAreRefused);
  CPPUNIT_TEST(unknownExtensionIs420);
  CPPUNIT_TEST(replyListsEverything);
  CPPUNIT_TEST(natContactIsReachedBySource);
  CPPUNIT_TEST(permanentContactIsLeftAlone);
  CPPUNIT_TEST_SUITE_END();

 public:
  void setUp() override {
    _policy = {};
    _clock = std::make_unique<FakeClock>();
    _table = std::make_unique<FakeTable>(*_clock);
    _removals = std::make_unique<Registrar::Removals>(Runtime::SipHash::Key{1, 2});
    _from = "198.51.100.7:5062";
    _cseq = 0;
    _callId = "call-1";
  }

  /// E01
  void addsRefreshesAndRemoves() {
    accept("Contact: <sip:joe@198.51.100.7:5062>\r\n");
    accept("Contact: sip:joe@198.51.100.8\r\nm: <sip:joe@198.51.100.9>;q=0.5\r\n");
    CPPUNIT_ASSERT_EQUAL("sip:joe@198.51.100.7:5062 sip:joe@198.51.100.8 sip:joe@198.51.100.9"s, contacts());
    _clock->move(1000s);
    accept("Contact: <sip:joe@198.51.100.7:5062>\r\n");
    CPPUNIT_ASSERT(_lines.find("7:5062>;expires=3600") != _lines.npos);
    CPPUNIT_ASSERT(_lines.find("8>;expires=2600") != _lines.npos);
    accept("Contact: <sip:joe@198.51.100.8>;expires=0, <sip:joe@198.51.100.9>;expires=0\r\n");
    CPPUNIT_ASSERT_EQUAL("sip:joe@198.51.100.7:5062"s, contacts());
    accept("Contact: <sip:unknown@198.51.100.8>;expires=0\r\n");
    CPPUNIT_ASSERT_EQUAL("sip:joe@198.51.100.7:5062"s, contacts());
  }

  void queryChangesNothing() {
    accept("Contact: <sip:joe@198.51.100.7>\r\n");
    const std::string before = _lines;
    accept("");
    CPPUNIT_ASSERT_EQUAL(before, _lines);
    CPPUNIT_ASSERT(before.find("<sip:joe@198.51.100.7>") != before.npos);
  }

  void starRemovesAll() {
    accept("Contact: <sip:joe@198.51.100.7>, <sip:joe@198.51.100.8>\r\n");
    accept("Contact: *\r\nExpires: 0\r\n");
    CPPUNIT_ASSERT_EQUAL(""s, contacts());
    CPPUNIT_ASSERT_EQUAL(""s, _lines);
    accept("Contact: *\r\nExpires: 0\r\n");
  }

  /// E02
  void starStandsAloneAndWithExpiresZero() {
    accept("Contact: <sip:joe@198.51.100.7>\r\n");
    refuse(400, "Contact: *\r\nExpires: 1\r\n");
    refuse(400, "Contact: *\r\n");
    refuse(400, "Contact: *, <sip:joe@198.51.100.8>\r\nExpires: 0\r\n");
    refuse(400, "Contact: <sip:joe@198.51.100.8>\r\nContact: *\r\nExpires: 0\r\n");
    refuse(400, "Contact: *\r\nContact: *\r\nExpires: 0\r\n");
    refuse(400, "Contact:\r\n");
    CPPUNIT_ASSERT_EQUAL("sip:joe@198.51.100.7"s, contacts());
  }

  /// E03
  void oneBadContactRefusesAll() {
    for (const char* bad :
         {"<sip:", "tel:123", "<sip:joe@198.51.100.9>;q=2", "<mailto:joe@x>", "\"open <sip:joe@198.51.100.9>", "<sip:joe@[::1>"})
      refuse(400, "Contact: <sip:a@198.51.100.7>, <sip:b@198.51.100.8>, "s + bad + "\r\n");
    std::string many;
    for (size_t i = 0; i <= Registration::MostItems; ++i) many += "Contact: <sip:u" + std::to_string(i) + "@198.51.100.7>\r\n";
    refuse(400, many);
    CPPUNIT_ASSERT_EQUAL(""s, contacts());
  }

  /// E04
  void laterCopyOfAnOlderRequestIsRefused() {
    _cseq = 10;
    accept("Contact: <sip:joe@198.51.100.7>;q=0.1\r\n");
    _cseq = 8;
    refuse(500, "Contact: <sip:joe@198.51.100.7>;q=0.9\r\n");
    _cseq = 8;
    refuse(500, "Contact: <sip:new@198.51.100.7>, <sip:joe@198.51.100.7>;expires=0\r\n");
    _cseq = 9;
    refuse(500, "Contact: *\r\nExpires: 0\r\n");
    CPPUNIT_ASSERT_EQUAL("sip:joe@198.51.100.7"s, contacts());
    CPPUNIT_ASSERT_EQUAL(uint16_t{100}, _table->only("joe@x").q);
  }

  /// E04: what a newer request has taken away does not come back with a late copy of an older one.
  void olderOneBringsNothingBack() {
    _cseq = 10;
    accept("Contact: <sip:joe@198.51.100.7>, <sip:joe@198.51.100.8>\r\n");
    accept("Contact: <sip:joe@198.51.100.8>;expires=0, <sip:joe@198.51.100.7>\r\n");
    _cseq = 10;
    refuse(500, "Contact: <sip:joe@198.51.100.8>\r\n");
    _cseq = 10;
    refuse(500, "Contact: <sip:joe@198.51.100.9>\r\n");
    _cseq = 1;
    accept("");  // a query harms nobody
    CPPUNIT_ASSERT_EQUAL("sip:joe@198.51.100.7"s, contacts());
  }

  /// E04: nor when nothing of its Call-ID is left. Copies come for 32 s at most; who begins anew is no copy.
  void olderOneBringsNothingBackWhenAllIsGone() {
    const std::string joe = "Contact: <sip:joe@198.51.100.7>\r\n";
    for (const char* removal : {"Contact: *\r\nExpires: 0\r\n", "Contact: <sip:joe@198.51.100.7>;expires=0\r\n"}) {
      setUp();
      _cseq = 10;
      accept(joe);
      accept(removal);
      _cseq = 10;
      refuse(500, joe);
      _cseq = 10;
      accept(removal);  // brings nothing, so it may be late
      CPPUNIT_ASSERT_EQUAL(""s, contacts());
      _cseq = 12;
      accept(joe);
      accept(removal);
      _callId = "call-2";
      _cseq = 0;
      accept(joe);
      _callId = "call-3";
      accept(removal);
      _callId = "call-2";
      _cseq = 0;
      refuse(500, joe);
      _clock->move(32s);
      _cseq = 0;
      accept(joe);
    }
  }

  void sameRequestAgainIsAnsweredAsBefore() {
    accept("Contact: <sip:joe@198.51.100.7>;q=0.1\r\n");
    const std::string before = _lines;
    _cseq = 0;
    accept("Contact: <sip:joe@198.51.100.7>;q=0.1\r\n");
    CPPUNIT_ASSERT_EQUAL(before, _lines);
    _clock->move(10s);
    _cseq = 0;
    accept("Contact: <sip:joe@198.51.100.7>;q=0.9\r\n");
    CPPUNIT_ASSERT_EQUAL(uint16_t{100}, _table->only("joe@x").q);
  }

  void otherCallIdMayBeginAnew() {
    _cseq = 10;
    accept("Contact: <sip:joe@198.51.100.7>;q=0.1\r\n");
    _callId = "call-2";
    _cseq = 0;
    accept("Contact: <sip:joe@198.51.100.7>;q=0.9\r\n");
    CPPUNIT_ASSERT_EQUAL(uint16_t{900}, _table->only("joe@x").q);
    CPPUNIT_ASSERT_EQUAL(uint32_t{1}, _table->only("joe@x").cseq);
  }

  /// E05
  void expiresByItsRules() {
    const std::vector<std::pair<std::string, long>> cases{
        {"Contact: <sip:a@198.51.100.7>\r\n", 3600},
        {"Contact: <sip:a@198.51.100.7>\r\nExpires: 100\r\n", 100},
        {"Contact: <sip:a@198.51.100.7>;expires=200\r\n", 200},
        {"Contact: <sip:a@198.51.100.7>;expires=200\r\nExpires: 100\r\n", 200},
        {"Contact: <sip:a@198.51.100.7>;expires=60\r\n", 60},
        {"Contact: <sip:a@198.51.100.7>;expires=86401\r\n", 86400},
        {"Contact: <sip:a@198.51.100.7>;expires=4294967295\r\n", 86400},
        {"Contact: <sip:a@198.51.100.7>;expires=4294967296\r\n", 3600},
        {"Contact: <sip:a@198.51.100.7>;expires=soon\r\n", 3600},
        {"Contact: <sip:a@198.51.100.7>;expires\r\n", 3600},
        {"Contact: <sip:a@198.51.100.7>;expires=-1\r\n", 3600},
        {"Contact: <sip:a@198.51.100.7>\r\nExpires: 4294967296\r\n", 3600},
        {"Contact: <sip:a@198.51.100.7>\r\nExpires: soon\r\n", 3600},
        {"Contact: <sip:a@198.51.100.7>\r\nExpires: 60\r\n", 60},
        {"Contact: <sip:a@198.51.100.7>\r\nExpires: 86401\r\n", 86400},
        {"Contact: <sip:a@198.51.100.7>;expires=100\r\nExpires: 0\r\n", 100},
    };
    for (const auto& [lines, expected] : cases) {
      accept(lines);
      const auto left = std::chrono::duration_cast<std::chrono::seconds>(_table->only("joe@x").expires - _clock->wall()).count();
      CPPUNIT_ASSERT_EQUAL_MESSAGE(lines, expected, long{left});
    }
    accept("Contact: <sip:a@198.51.100.7>\r\nExpires: 0\r\n");
    CPPUNIT_ASSERT_EQUAL(""s, contacts());
    accept("Contact: <sip:a@198.51.100.7>;expires=0\r\nExpires: 100\r\n");
    CPPUNIT_ASSERT_EQUAL(""s, contacts());
  }

  void tooShortIs423() {
    refuse(423, "Contact: <sip:a@198.51.100.7>;expires=59\r\n");
    refuse(423, "Contact: <sip:a@198.51.100.7>\r\nExpires: 1\r\n");
    refuse(423, "Contact: <sip:a@198.51.100.7>, <sip:b@198.51.100.7>;expires=1\r\n");
    CPPUNIT_ASSERT_EQUAL(""s, contacts());
  }

  /// E06
  void limitRefusesTheOneTooMany() {
    _policy.maxContacts = 3;
    for (int i = 0; i < 3; ++i) accept(contact(i));
    refuse(403, contact(3));
    accept(contact(1));
    refuse(403, "Contact: <sip:u0@198.51.100.7>;expires=0, <sip:u4@198.51.100.7>, <sip:u5@198.51.100.7>\r\n");
    accept("Contact: <sip:u0@198.51.100.7>;expires=0, <sip:u4@198.51.100.7>\r\n");
    CPPUNIT_ASSERT_EQUAL("sip:u1@198.51.100.7 sip:u2@198.51.100.7 sip:u4@198.51.100.7"s, contacts());
    for (int i = 0; i < 1000; ++i) refuse(403, contact(100 + i));
  }

  /// E06
  void tenThousandAttemptsLeaveTen() {
    for (const bool replace : {false, true}) {
      setUp();
      _policy.replaceOldest = replace;
      for (int i = 0; i < 10; ++i) accept(contact(i));
      for (int i = 10; i < 10000; ++i) {
        _clock->move(1ms);
        CPPUNIT_ASSERT_EQUAL(replace ? 0 : 403, send(contact(i)).code);
      }
      const std::string left = contacts();
      CPPUNIT_ASSERT_EQUAL(9, int(std::count(left.begin(), left.end(), ' ')));
      CPPUNIT_ASSERT(left.ends_with(replace ? "sip:u9999@198.51.100.7" : "sip:u9@198.51.100.7"));
    }
  }

  void limitReplacesTheOldest() {
    _policy.maxContacts = 3;
    _policy.replaceOldest = true;
    for (const int i : {0, 1, 2, 0, 3}) {
      _clock->move(1s);
      accept(contact(i));
    }
    CPPUNIT_ASSERT_EQUAL("sip:u0@198.51.100.7 sip:u2@198.51.100.7 sip:u3@198.51.100.7"s, contacts());
    refuse(403, contact(5) + contact(6) + contact(7) + contact(8));
    accept(contact(5) + contact(6) + contact(7));
    CPPUNIT_ASSERT_EQUAL("sip:u5@198.51.100.7 sip:u6@198.51.100.7 sip:u7@198.51.100.7"s, contacts());
  }

  void loweredLimitLetsOldOnesRefresh() {
    for (int i = 0; i < 3; ++i) accept(contact(i));
    _policy.maxContacts = 2;
    accept(contact(1));
    refuse(403, contact(3));
    CPPUNIT_ASSERT_EQUAL("sip:u0@198.51.100.7 sip:u1@198.51.100.7 sip:u2@198.51.100.7"s, contacts());
  }

  /// E16
  void addressOfRecordIsNormal() {
    _to = "\"Joe\" <sip:%4aoe@x;transport=udp?a=b>;x=y";
    accept("Contact: <sip:joe@198.51.100.7>\r\n");
    CPPUNIT_ASSERT_EQUAL("sip:joe@198.51.100.7"s, _table->uris("Joe@x"));
    _to = "<sip:joe%00x@x>";
    accept("Contact: <sip:joe@198.51.100.7>\r\n");
    CPPUNIT_ASSERT_EQUAL("sip:joe@198.51.100.7"s, _table->uris("joe\0x@x"s));
    for (const char* same : {"<sip:ann@x;gr=urn:uuid:1>", "<sip:ann@x;user=phone;gr>", "sip:%61nn@x", "<sips:ann@x>", "<sip:ann@x:5060>"}) {
      _to = same;
      accept("Contact: <sip:ann@198.51.100.7>\r\n");
      CPPUNIT_ASSERT_EQUAL_MESSAGE(same, "sip:ann@198.51.100.7"s, _table->uris("ann@x"));
      accept("Contact: *\r\nExpires: 0\r\n");
      CPPUNIT_ASSERT_EQUAL(""s, _table->uris("ann@x"));
    }
    _to = "<sip:" + std::string(509, 'a') + "@x>";
    accept("Contact: <sip:joe@198.51.100.7>\r\n");
    CPPUNIT_ASSERT_EQUAL("sip:joe@198.51.100.7"s, _table->uris(std::string(509, 'a') + "@x"));
  }

  /// E08
  void strangeAddressesOfRecordAreRefused() {
    const std::string lines = "Contact: <sip:joe@198.51.100.7>\r\n";
    for (const auto& [to, code] : std::vector<std::pair<std::string, int>>{{"<sip:joe@y>", 404},
                                                                           {"<sip:x>", 404},
                                                                           {"<tel:123>", 400},
                                                                           {"<mailto:joe@x>", 400},
                                                                           {"<sip:joe%zz@x>", 400},
                                                                           {"<sip:joe%4@x>", 400},
                                                                           {"<sip:" + std::string(600, 'a') + "@x>", 400}}) {
      _to = to;
      refuse(code, lines);
    }
  }

  /// E09
  void contactsWithRoutingDataAreRefused() {
    refuse(403, "Contact: <sip:joe@198.51.100.7?Route=%3Csip:evil%3E>\r\n");
    refuse(403, "Contact: <sip:joe@198.51.100.7;maddr=192.0.2.66>\r\n");
    accept("Contact: <sip:joe@198.51.100.7>;received=\"sip:192.0.2.66\";fs=x\r\n");
    CPPUNIT_ASSERT(_table->only("joe@x").received.empty());
    accept("Contact: <sip:joe@198.51.100.7;received=192.0.2.66;fs=udp:192.0.2.66:5060;socket=x>;path=\"<sip:192.0.2.66;lr>\"\r\n");
    CPPUNIT_ASSERT(_table->only("joe@x").received.empty() && _table->only("joe@x").path.empty());
    CPPUNIT_ASSERT_EQUAL(uint16_t{1}, _table->only("joe@x").listener);
  }

  /// E10: our admin endpoint, a database
  void portsOfOtherServicesAreRefused() {
    _from = "127.0.0.1:5062";
    for (const char* host : {"127.0.0.1:5088", "[::1]:5088", "10.0.0.1:3306", "localhost:5432", "db.example.com:3306"}) {
      refuse(403, "Contact: <sip:joe@"s + host + ">\r\n");
      refuse(403, "Supported: path\r\nPath: <sip:"s + host + ";lr>\r\nContact: <sip:joe@127.0.0.1:5062>\r\n");
    }
    accept("Contact: <sip:joe@127.0.0.1:5089>, <sip:joe@198.51.100.7:3306>\r\n");
  }

  /// E10
  void narrowAddressesAreRefused() {
    for (const char* host : {"127.0.0.1:5062", "[::1]:5062", "10.0.0.1:5062", "192.168.1.1:5062", "169.254.1.1:5062", "[fe80::1]:5062",
                             "224.0.0.1:5062", "255.255.255.255:5062", "0.0.0.0:5062", "[::]:5062", "[ff02::1]:5062", "localhost:5062",
                             "LocalHost", "localhost.:5062", "joe.LOCALHOST", "joe.localhost.", "198.51.100.7:80"})
      refuse(403, "Contact: <sip:joe@"s + host + ">\r\n");
    CPPUNIT_ASSERT_EQUAL(""s, contacts());
    _from = "10.1.1.1:5062";
    accept("Contact: <sip:joe@10.0.0.1>\r\n");
    accept("Contact: <sip:joe@198.51.100.7>\r\n");
    accept("Contact: <sip:joe@phone.example.com>\r\n");
    accept("Contact: <sip:joe@notlocalhost>\r\n");
    refuse(403, "Contact: <sip:joe@127.0.0.1:5062>\r\n");
  }

  void loopbackFromLoopback() {
    _from = "127.0.0.1:5062";
    accept("Contact: <sip:joe@127.0.0.1:5062>, <sip:joe@localhost:5063>\r\n");
    _from = "[::1]:5062";
    accept("Contact: <sip:joe@[::1]:5062>\r\n");
    refuse(403, "Contact: <sip:joe@224.0.0.1:5062>\r\n");
  }

  /// D21
  void contactToOurselvesIsRefused() {
    refuse(403, "Contact: <sip:ann@x>\r\n");
    refuse(403, "Contact: <sip:ann@203.0.113.1>\r\n");
    accept("Contact: <sip:ann@203.0.113.1:5070>\r\n");
  }

  void refusedContactMayStillBeRemoved() {
    _from = "127.0.0.1:5062";
    accept("Contact: <sip:joe@127.0.0.1:5062>\r\n");
    _from = "198.51.100.7:5062";
    accept("Contact: <sip:joe@127.0.0.1:5062>;expires=0\r\n");
    CPPUNIT_ASSERT_EQUAL(""s, contacts());
  }

  /// E17
  void qByItsRules() {
    for (const auto& [q, value] :
         std::vector<std::pair<std::string, int>>{{"0", 0}, {"0.001", 1}, {"1", 1000}, {"1.000", 1000}, {"0.5", 500}}) {
      accept("Contact: <sip:joe@198.51.100.7>;q=" + q + "\r\n");
      CPPUNIT_ASSERT_EQUAL(value, int{_table->only("joe@x").q});
    }
    for (const char* q : {"1.001", "abc", "2", "-1", "0.0001", ""}) refuse(400, "Contact: <sip:joe@198.51.100.7>;q="s + q + "\r\n");
  }

  /// RFC 3261, 10.2.4 and 19.1.4
  void equalUrisAreOneContact() {
    accept("Contact: <sip:joe@PHONE.example.com;transport=udp>\r\n");
    accept("Contact: <sip:joe@phone.example.com;transport=UDP>\r\n");
    CPPUNIT_ASSERT_EQUAL("sip:joe@phone.example.com;transport=UDP"s, contacts());
    accept("Contact: <sip:Joe@phone.example.com;transport=UDP>\r\n");
    CPPUNIT_ASSERT_EQUAL("sip:joe@phone.example.com;transport=UDP sip:Joe@phone.example.com;transport=UDP"s, contacts());
    accept("Contact: <sip:joe@phone.Example.com;transport=UDP>;expires=0\r\n");
    CPPUNIT_ASSERT_EQUAL("sip:Joe@phone.example.com;transport=UDP"s, contacts());
  }

  void sameContactTwiceCountsOnce() {
    _policy.maxContacts = 1;
    accept("Contact: <sip:joe@phone.example.com>;q=0.1, <sip:joe@PHONE.example.com>;q=0.2\r\n");
    CPPUNIT_ASSERT_EQUAL(uint16_t{200}, _table->only("joe@x").q);
    accept("Contact: <sip:joe@phone.example.com>;q=0.3, <sip:joe@phone.EXAMPLE.com>;expires=0\r\n");
    CPPUNIT_ASSERT_EQUAL(""s, contacts());
  }

  /// E11
  void instanceReplacesItself() {
    const std::string instance = ";+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-000A95A0E128>\";reg-id=1\r\n";
    accept("Contact: <sip:joe@198.51.100.7>" + instance);
    accept("Contact: <sip:joe@198.51.100.8>" + instance);
    CPPUNIT_ASSERT_EQUAL("sip:joe@198.51.100.8"s, contacts());
    CPPUNIT_ASSERT(_lines.find(";+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-000A95A0E128>\";reg-id=1") != _lines.npos);
    _cseq = 0;  // an older copy of the same client's request
    refuse(500, "Contact: <sip:joe@198.51.100.9>" + instance);
  }

  /// E11: the URI of one contact, instance and reg-id of another one.
  void instanceAndUriOfTwoContactsBecomeOne() {
    const std::string instance = ";+sip.instance=\"<urn:uuid:1>\";reg-id=1\r\n";
    accept("Contact: <sip:joe@198.51.100.7>\r\n");
    accept("Contact: <sip:joe@198.51.100.8>" + instance);
    accept("Contact: <sip:joe@198.51.100.7>" + instance);
    CPPUNIT_ASSERT_EQUAL("sip:joe@198.51.100.7"s, contacts());
  }

  void pathIsKeptWhenSupported() {
    refuse(420, "Path: <sip:p1;lr>\r\nContact: <sip:joe@198.51.100.7>\r\n");
    CPPUNIT_ASSERT_EQUAL("path"s, _unsupported);
    accept("Supported: outbound, path\r\nPath: <sip:p1;lr>, <sip:p2;lr>\r\nPath: <sip:p3;lr>\r\nContact: <sip:joe@198.51.100.7>\r\n");
    CPPUNIT_ASSERT_EQUAL("<sip:p1;lr>, <sip:p2;lr>, <sip:p3;lr>"s, std::string(_table->only("joe@x").path));
    accept("Require: path\r\nPath: <sip:p1;lr>\r\nContact: <sip:joe@198.51.100.7>\r\n");
    refuse(400, "Require: path\r\nPath: <sip:p1;lr\r\nContact: <sip:joe@198.51.100.7>\r\n");
    refuse(400, "Require: path\r\nPath: *\r\nContact: <sip:joe@198.51.100.7>\r\n");
  }

  /// E09, E10: what a Contact must not be, a Path must not be either
  void pathLeadsNoFurtherThanAContact() {
    for (const char* path : {"<sip:127.0.0.1:9000;lr>", "<sip:[::1];lr>", "<sip:localhost;lr>", "<sip:10.0.0.1;lr>", "<sip:224.0.0.1;lr>",
                             "<sip:0.0.0.0;lr>", "<sip:198.51.100.8;lr;maddr=10.0.0.1>", "<sip:198.51.100.8;lr?Route=x>"})
      refuse(403, "Supported: path\r\nPath: "s + path + "\r\nContact: <sip:joe@198.51.100.7>\r\n");
    CPPUNIT_ASSERT_EQUAL(""s, contacts());
    accept("Supported: path\r\nPath: <sip:198.51.100.8;lr>, <sip:10.0.0.1;lr>\r\nContact: <sip:joe@198.51.100.7>\r\n");
    _from = "10.0.0.2:5060";
    accept("Supported: path\r\nPath: <sip:10.0.0.1;lr>\r\nContact: <sip:joe@198.51.100.7>\r\n");
  }

  /// The 200 to a REGISTER of 300 octets lists them all: it must not grow to tens of thousands
  void longTextsAreRefused() {
    const auto uri = [](size_t length) { return "<sip:joe@198.51.100.7;x=" + std::string(length - 23, 'a') + ">"; };
    accept("Contact: " + uri(512) + "\r\n");
    CPPUNIT_ASSERT_EQUAL(size_t{512}, _table->only("joe@x").uri.size());
    accept("Contact: " + uri(512) + ";expires=0\r\n");
    refuse(400, "Contact: " + uri(513) + "\r\n");
    accept("Contact: " + uri(513) + ";expires=0\r\n");  // from before there was a bound
    refuse(400, "Contact: <sip:joe@198.51.100.7>;+sip.instance=\"" + std::string(256, 'i') + "\"\r\n");
    refuse(400, "Require: path\r\nPath: <sip:198.51.100.8;lr;x=" + std::string(500, 'p') + ">\r\nContact: <sip:joe@198.51.100.7>\r\n");
    accept("User-Agent: " + std::string(254, 'u') + "\xc3\xa4" + "\r\nContact: <sip:joe@198.51.100.7>\r\n");
    CPPUNIT_ASSERT_EQUAL(std::string(254, 'u'), std::string(_table->only("joe@x").userAgent));
    _callId = std::string(256, 'c');
    refuse(400, "Contact: <sip:joe@198.51.100.7>\r\n");
    _callId.pop_back();
    accept("Contact: <sip:joe@198.51.100.7>\r\n");
  }

  void unknownExtensionIs420() {
    refuse(420, "Require: gruu, path, 100rel\r\nContact: <sip:joe@198.51.100.7>\r\n");
    CPPUNIT_ASSERT_EQUAL("gruu, 100rel"s, _unsupported);
  }

  void replyListsEverything() {
    accept("Contact: \"Joe, at home\" <sip:joe@198.51.100.7>;q=0.25;expires=100;methods=\"INVITE,ACK,FOO\"\r\n");
    _clock->move(500ms);
    accept("Contact: <sip:joe@198.51.100.8>\r\n");
    CPPUNIT_ASSERT_EQUAL("Contact: <sip:joe@198.51.100.7>;q=0.250;expires=100, <sip:joe@198.51.100.8>;expires=3600\r\n"s, _lines);
    _clock->move(99500ms);
    accept("");
    CPPUNIT_ASSERT_EQUAL("Contact: <sip:joe@198.51.100.8>;expires=3501\r\n"s, _lines);
  }

  void natContactIsReachedBySource() {
    _policy.useSource = true;
    accept("Contact: <sip:joe@10.0.0.1:5062>\r\n");
    CPPUNIT_ASSERT_EQUAL("sip:198.51.100.7:5062"s, std::string(_table->only("joe@x").received));
    _callId = "call-2";
    accept("Contact: <sip:joe@10.0.0.1:5062>;expires=0, <sip:joe@198.51.100.7:5062>\r\n");
    CPPUNIT_ASSERT(_table->only("joe@x").received.empty());
    _from = "[2001:db8::7]:5062";
    accept("Contact: <sip:joe@198.51.100.7:5062>\r\n");
    CPPUNIT_ASSERT_EQUAL("sip:[2001:db8::7]:5062"s, std::string(_table->only("joe@x").received));
    refuse(403, "Contact: <sip:joe@10.0.0.1;maddr=10.0.0.2>\r\n");
  }

  void permanentContactIsLeftAlone() {
    Usrloc::Contact gateway;
    gateway.uri = "sip:gw@198.51.100.1";
    gateway.permanent = true;
    _table->put("joe@x", gateway);
    accept("Contact: <sip:gw@198.51.100.1>\r\n");
    accept("Contact: *\r\nExpires: 0\r\n");
    CPPUNIT_ASSERT(_table->only("joe@x").permanent);
    CPPUNIT_ASSERT_EQUAL("Contact: <sip:gw@198.51.100.1>;q=1.000;expires=4294967295\r\n"s, _lines);
  }

 private:
  static std::string contact(int number) { return "Contact: <sip:u" + std::to_string(number) + "@198.51.100.7>\r\n"; }
  std::string contacts() const { return _table->uris("joe@x"); }

  Refusal send(const std::string& lines) {
    const std::string text = registerText(lines, _to, _callId, ++_cseq);
    Parser::Message message;
    message.parse(text);
    Registration registration(_policy, _core);
    const Transport::Flow flow{&_transport.listeners()[1], endpoint(_from)};
    const Refusal refusal = registration.read(message, flow);
    _unsupported = registration.unsupported();
    if (refusal) return refusal;
    char room[10000];
    Parser::Writer out(room, sizeof room);
    SaveDecision decision(_policy, registration, *_removals, 1, _clock->wall(), out);
    _table->change(registration.aor(), decision, Usrloc::Event::Origin::registrar, {});
    CPPUNIT_ASSERT(out.ok());
    _lines = out.written();
    return decision.refusal();
  }
  void accept(const std::string& lines) {
    const Refusal refusal = send(lines);
    CPPUNIT_ASSERT_MESSAGE(lines + ": " + std::to_string(refusal.code) + " " + std::string(refusal.reason), !refusal);
  }
  void refuse(int code, const std::string& lines) { CPPUNIT_ASSERT_EQUAL_MESSAGE(_to + " " + lines, code, send(lines).code); }

  Policy _policy;
  FakeCore _core;
  FakeTransport _transport;
  std::unique_ptr<FakeClock> _clock;
  std::unique_ptr<FakeTable> _table;
  std::unique_ptr<Registrar::Removals> _removals;
  std::string _from, _lines, _unsupported, _to = "<sip:joe@x>", _callId;
  uint32_t _cseq = 0;
};

CPPUNIT_TEST_SUITE_REGISTRATION(RegistrationTest);

}  // namespace

}  // namespace Patchbay::Testsuite
