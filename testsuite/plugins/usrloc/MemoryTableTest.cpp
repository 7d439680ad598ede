#include <malloc.h>

#include <thread>

#include "Block.h"
#include "LocationTest.h"

namespace Patchbay::Testsuite {

namespace {

class MemoryTableTest : public LocationTest {
  CPPUNIT_TEST_SUITE(MemoryTableTest);
  CPPUNIT_TEST(findsWhatWasPut);
  CPPUNIT_TEST(keepsEveryField);
  CPPUNIT_TEST(replacesSameUriInPlace);
  CPPUNIT_TEST(replacesSameInstanceAndRegId);
  CPPUNIT_TEST(removesOneAndAll);
  CPPUNIT_TEST(refusedDecisionChangesNothing);
  CPPUNIT_TEST(changesTogetherOrNotAtAll);
  CPPUNIT_TEST(fullTableTakesNobodyNew);
  CPPUNIT_TEST(changesMayUseViewsOfWhatTheyReplace);
  CPPUNIT_TEST(contactIsUnusableAtItsMoment);
  CPPUNIT_TEST(expiredContactIsClearedAway);
  CPPUNIT_TEST(refreshedContactLives);
  CPPUNIT_TEST(permanentContactStays);
  CPPUNIT_TEST(hostileKeysAreKeys);
  CPPUNIT_TEST(tablesAreApart);
  CPPUNIT_TEST(tellsWhatHappens);
  CPPUNIT_TEST(manyComeAndGo);
  CPPUNIT_TEST(oneContactCostsLittleMemory);
  CPPUNIT_TEST(threadsSeeWholeLists);
  CPPUNIT_TEST_SUITE_END();

 public:
  void findsWhatWasPut() {
    begin();
    CPPUNIT_ASSERT(table->state() == Usrloc::Table::State::ready);
    CPPUNIT_ASSERT(put("joe@x", contact("sip:1")) == Usrloc::Table::Durability::done);
    put("joe@x", contact("sip:2"));
    put("ann@x", contact("sip:3"));
    CPPUNIT_ASSERT_EQUAL("sip:1 sip:2"s, uris("joe@x"));
    CPPUNIT_ASSERT_EQUAL("sip:3"s, uris("ann@x"));
    CPPUNIT_ASSERT_EQUAL(""s, uris("Joe@x"));
    CPPUNIT_ASSERT_EQUAL(size_t{3}, table->size());
    CPPUNIT_ASSERT_EQUAL(3.0, host->value("usrloc_contacts", {{"table", "location"}}));
  }

  void keepsEveryField() {
    begin();
    Contact given = contact("sip:joe@192.0.2.1");
    given.received = "sip:192.0.2.9:1024";
    given.path = "<sip:p1;lr>, <sip:p2;lr>";
    const std::string callId = "a\0b"s;
    given.callId = callId;
    given.userAgent = "\xff\x80 phone";
    given.instance = "<urn:uuid:1>";
    given.regId = 7;
    given.cseq = 0x7fffffff;
    given.q = 500;
    given.methods = 0xabcd;
    given.flags = 0xffff0000ffff0000;
    given.listener = 3;
    put("joe@x", given);
    look("joe@x", [&](const Contact& found) {
      CPPUNIT_ASSERT(found.received == given.received && found.path == given.path && found.callId == given.callId);
      CPPUNIT_ASSERT(found.userAgent == given.userAgent && found.instance == given.instance && found.uri == given.uri);
      CPPUNIT_ASSERT(found.regId == given.regId && found.cseq == given.cseq && found.q == given.q && found.methods == given.methods);
      CPPUNIT_ASSERT(found.flags == given.flags && found.listener == given.listener && found.permanent == given.permanent);
      CPPUNIT_ASSERT(found.expires == given.expires && found.modified == given.modified);
    });
  }

  void replacesSameUriInPlace() {
    begin();
    for (const char* uri : {"sip:1", "sip:2", "sip:3"}) put("joe@x", contact(uri));
    for (const char* uri : {"sip:2", "sip:1", "sip:3"}) {
      Contact changed = contact(uri);
      changed.userAgent = "a longer text than before";
      put("joe@x", changed);
    }
    CPPUNIT_ASSERT_EQUAL("sip:1 sip:2 sip:3"s, uris("joe@x"));
    CPPUNIT_ASSERT_EQUAL(size_t{3}, table->size());
  }

  /// E11: a client that comes back over another connection replaces itself.
  void replacesSameInstanceAndRegId() {
    begin();
    Contact first = contact("sip:1");
    first.instance = "<urn:uuid:1>";
    first.regId = 1;
    Contact second = first;
    second.uri = "sip:2";
    Contact other = second;
    other.uri = "sip:3";
    other.regId = 2;
    put("joe@x", first);
    put("joe@x", second);
    put("joe@x", other);
    CPPUNIT_ASSERT_EQUAL("sip:2 sip:3"s, uris("joe@x"));
  }

  void removesOneAndAll() {
    begin();
    for (const char* uri : {"sip:1", "sip:2", "sip:3"}) put("joe@x", contact(uri));
    remove("joe@x", "sip:1");
    CPPUNIT_ASSERT_EQUAL("sip:2 sip:3"s, uris("joe@x"));
    remove("joe@x", "sip:unknown");
    remove("joe@x", "sip:3");
    remove("joe@x", "sip:2");
    CPPUNIT_ASSERT_EQUAL(""s, uris("joe@x"));
    CPPUNIT_ASSERT_EQUAL(size_t{0}, table->size());
  }

  void refusedDecisionChangesNothing() {
    begin();
    put("joe@x", contact("sip:1"));
    Do decision([&](auto current, auto& changes) {
      CPPUNIT_ASSERT_EQUAL(size_t{1}, current.size());
      changes.push_back({Change::Kind::remove, contact("sip:1")});
      changes.push_back({Change::Kind::put, contact("sip:2")});
      return false;
    });
    table->change("joe@x", decision, Usrloc::Event::Origin::registrar, {});
    CPPUNIT_ASSERT_EQUAL("sip:1"s, uris("joe@x"));
    CPPUNIT_ASSERT(decision.uris.empty());
  }

  void changesTogetherOrNotAtAll() {
    begin();
    put("joe@x", contact("sip:1"));
    const std::string tooLong(Usrloc::Block::LongestText + 1, 'x');
    Do decision([&](auto, auto& changes) {
      changes.push_back({Change::Kind::remove, contact("sip:1")});
      changes.push_back({Change::Kind::put, contact("sip:2")});
      changes.push_back({Change::Kind::put, contact(tooLong)});
      return true;
    });
    CPPUNIT_ASSERT(table->change("joe@x", decision, Usrloc::Event::Origin::registrar, {}) == Usrloc::Table::Durability::full);
    CPPUNIT_ASSERT_EQUAL("sip:1"s, uris("joe@x"));
    CPPUNIT_ASSERT(decision.uris.empty());
  }

  /// E06, E14: caps over all tables. Who is known goes on.
  void fullTableTakesNobodyNew() {
    using Usrloc::Table;
    begin({{"db_mode", "0"}, {"max_contacts_total", "5"}, {"max_aors_total", "3"}});
    for (const char* aor : {"a@x", "b@x"}) CPPUNIT_ASSERT(put(aor, contact("sip:1")) == Table::Durability::done);
    Table* const location = std::exchange(table, &plugin->table("aliases"));
    CPPUNIT_ASSERT(put("c@x", contact("sip:1")) == Table::Durability::done);
    CPPUNIT_ASSERT(put("d@x", contact("sip:1")) == Table::Durability::full);
    table = location;
    CPPUNIT_ASSERT(put("d@x", contact("sip:1")) == Table::Durability::full);
    CPPUNIT_ASSERT(put("a@x", contact("sip:2")) == Table::Durability::done);
    CPPUNIT_ASSERT(put("a@x", contact("sip:3")) == Table::Durability::done);
    CPPUNIT_ASSERT(put("a@x", contact("sip:4")) == Table::Durability::full);
    CPPUNIT_ASSERT(put("a@x", contact("sip:2", 100s)) == Table::Durability::done);
    CPPUNIT_ASSERT_EQUAL("sip:1 sip:2 sip:3"s, uris("a@x"));
    CPPUNIT_ASSERT_EQUAL(3.0, host->value("usrloc_full_total"));
    CPPUNIT_ASSERT_EQUAL(2.0, host->value("usrloc_aors", {{"table", "location"}}));
    remove("b@x", "sip:1");
    CPPUNIT_ASSERT(put("d@x", contact("sip:1")) == Table::Durability::done);
    host->environment_.advance(62s);
    CPPUNIT_ASSERT_EQUAL(1.0, host->value("usrloc_aors", {{"table", "location"}}));
    CPPUNIT_ASSERT(put("e@x", contact("sip:1")) == Table::Durability::done);
  }

  void changesMayUseViewsOfWhatTheyReplace() {
    begin();
    put("joe@x", contact("sip:the-first-contact-of-all"));
    Do decision([](auto current, auto& changes) {
      Contact moved = current[0];
      changes.push_back({Change::Kind::remove, current[0]});
      moved.userAgent = current[0].uri;
      changes.push_back({Change::Kind::put, moved});
      changes.push_back({Change::Kind::put, moved});
      return true;
    });
    table->change("joe@x", decision, Usrloc::Event::Origin::registrar, {});
    CPPUNIT_ASSERT_EQUAL("sip:the-first-contact-of-all"s, uris("joe@x"));
    look("joe@x", [](const Contact& found) { CPPUNIT_ASSERT_EQUAL(found.uri, found.userAgent); });
  }

  /// E07
  void contactIsUnusableAtItsMoment() {
    begin();
    put("joe@x", contact("sip:1", 60500ms));
    host->environment_.clock.move(60499ms);
    CPPUNIT_ASSERT_EQUAL("sip:1"s, uris("joe@x"));
    host->environment_.clock.move(1ms);
    CPPUNIT_ASSERT_EQUAL(""s, uris("joe@x"));
    CPPUNIT_ASSERT_EQUAL(size_t{1}, table->size());  // not cleared away yet
    put("joe@x", contact("sip:1"));
    CPPUNIT_ASSERT_EQUAL("expire location joe@x sip:1 2"s, diary.lines.at(1));
    CPPUNIT_ASSERT_EQUAL("insert location joe@x sip:1 3"s, diary.lines.at(2));
  }

  void expiredContactIsClearedAway() {
    begin();
    put("joe@x", contact("sip:1", 60s));
    put("joe@x", contact("sip:2", 120s));
    host->environment_.advance(62s);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, table->size());
    CPPUNIT_ASSERT_EQUAL(1.0, host->value("usrloc_expired_total"));
    host->environment_.advance(62s);
    CPPUNIT_ASSERT_EQUAL(size_t{0}, table->size());
    CPPUNIT_ASSERT(!host->environment_.worker.nextDue());  // nothing left to look after
    put("joe@x", contact("sip:1", 60s));
    host->environment_.advance(62s);
    CPPUNIT_ASSERT_EQUAL(size_t{0}, table->size());
  }

  void refreshedContactLives() {
    begin();
    put("joe@x", contact("sip:1", 60s));
    for (int i = 0; i < 5; ++i) {
      host->environment_.advance(59s);
      put("joe@x", contact("sip:1", 60s));
    }
    CPPUNIT_ASSERT_EQUAL("sip:1"s, uris("joe@x"));
    CPPUNIT_ASSERT_EQUAL(5.0, host->value("usrloc_updated_total"));
  }

  void permanentContactStays() {
    begin();
    Contact gateway = contact("sip:gw", 0s);
    gateway.permanent = true;
    put("100@x", gateway);
    host->environment_.clock.move(24h * 365);
    host->environment_.advance(3s);
    CPPUNIT_ASSERT_EQUAL("sip:gw"s, uris("100@x"));
  }

  /// E16
  void hostileKeysAreKeys() {
    begin();
    const std::vector<std::string> aors{"", "@", "a\0b@x"s, "a\0c@x"s, "';--@x", std::string(60000, 'a') + "@x", "\xff@x"};
    for (const auto& aor : aors) put(aor, contact("sip:" + std::to_string(aor.size()) + "-" + std::to_string(&aor - aors.data())));
    for (const auto& aor : aors)
      CPPUNIT_ASSERT_EQUAL("sip:" + std::to_string(aor.size()) + "-" + std::to_string(&aor - aors.data()), uris(aor));
  }

  void tablesAreApart() {
    begin();
    put("joe@x", contact("sip:1"));
    CPPUNIT_ASSERT(&plugin->table("location") == table);
    table = &plugin->table("aliases");
    CPPUNIT_ASSERT_EQUAL(""s, uris("joe@x"));
    CPPUNIT_ASSERT_EQUAL("aliases"s, table->name());
    CPPUNIT_ASSERT(table->state() == Usrloc::Table::State::ready);
  }

  void tellsWhatHappens() {
    begin();
    put("joe@x", contact("sip:1"));
    put("joe@x", contact("sip:1"));  // the same again is no event
    auto later = contact("sip:1");
    ++later.cseq;
    put("joe@x", later);
    remove("joe@x", "sip:1");
    const std::vector<std::string> expected{"insert location joe@x sip:1 1", "update location joe@x sip:1 2",
                                            "remove location joe@x sip:1 3"};
    CPPUNIT_ASSERT(expected == diary.lines);
    CPPUNIT_ASSERT(diary.origins[0] == Usrloc::Event::Origin::registrar);
  }

  void manyComeAndGo() {
    begin();
    constexpr int Many = 20000;
    for (int i = 0; i < Many; ++i) put("user" + std::to_string(i) + "@x", contact("sip:" + std::to_string(i), i % 2 ? 60s : 600s));
    for (int i = 0; i < Many; i += 4) remove("user" + std::to_string(i) + "@x", "sip:" + std::to_string(i));
    host->environment_.advance(70s);
    CPPUNIT_ASSERT_EQUAL(size_t{Many / 4}, table->size());
    for (int i = 0; i < Many; ++i)
      CPPUNIT_ASSERT_EQUAL(i % 4 == 2 ? "sip:" + std::to_string(i) : ""s, uris("user" + std::to_string(i) + "@x"));
  }

  /// Budget: 400 octets a contact.
  void oneContactCostsLittleMemory() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return;  // they have their own malloc, which counts nothing here
#endif
    begin();
    diary.keeps = false;
    constexpr size_t Many = 200000;
    const size_t before = ::mallinfo2().uordblks;
    for (size_t i = 0; i < Many; ++i) {
      const std::string uri = "sip:user" + std::to_string(i) + "@192.168.100.200:50600";
      Contact phone = contact(uri, 3600s);
      phone.callId = "3c26700857a87f84@192.168.100.200";
      phone.userAgent = "snom360/8.7.5.35";
      put("user" + std::to_string(i) + "@bench.test", phone);
    }
    const size_t each = (::mallinfo2().uordblks - before) / Many;
    CPPUNIT_ASSERT_MESSAGE(std::to_string(each) + " octets", each > 100 && each < 300);
  }

  /// E15: 16 threads change what others look up.
  void threadsSeeWholeLists() {
    begin();
    std::atomic<bool> torn{false};
    const auto write = [&](int which) {
      for (int i = 0; i < 500; ++i) {
        // both contacts always come and go together
        Do decision([&](auto current, auto& changes) {
          const auto kind = current.empty() ? Change::Kind::put : Change::Kind::remove;
          changes.push_back({kind, contact("sip:1")});
          changes.push_back({kind, contact("sip:2")});
          return which >= 0;
        });
        table->change("joe@x", decision, Usrloc::Event::Origin::registrar, {});
      }
    };
    const auto read = [&] {
      struct Look : Usrloc::Visitor {
        void contacts(std::span<const Contact> contacts) override {
          torn |= contacts.size() != 2 || contacts[0].uri != "sip:1" || contacts[1].uri != "sip:2";
        }
        bool torn = false;
      } look;
      for (int i = 0; i < 4000; ++i) table->visit("joe@x", look);
      if (look.torn) torn = true;
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < 16; ++i) threads.emplace_back(write, i);
    for (int i = 0; i < 4; ++i) threads.emplace_back(read);
    for (auto& thread : threads) thread.join();
    CPPUNIT_ASSERT(!torn);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(MemoryTableTest);

}  // namespace

}  // namespace Patchbay::Testsuite
