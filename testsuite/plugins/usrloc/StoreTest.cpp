#include <Poco/Exception.h>

#include "LocationTest.h"

namespace Patchbay::Testsuite {

namespace {

using Usrloc::Table;

class StoreTest : public LocationTest {
  CPPUNIT_TEST_SUITE(StoreTest);
  CPPUNIT_TEST(writeThroughWaitsForTheCommit);
  CPPUNIT_TEST(writeThroughTellsOfRefusal);
  CPPUNIT_TEST(nothingToCommitIsDone);
  CPPUNIT_TEST(refreshKeepsItsRow);
  CPPUNIT_TEST(expiredContactLosesItsRow);
  CPPUNIT_TEST(writeBackWritesOnceAnInterval);
  CPPUNIT_TEST(writeBackForgetsWhatCameAndWent);
  CPPUNIT_TEST(writeBackRemovesRows);
  CPPUNIT_TEST(writeBackWritesTheRestAtTheEnd);
  CPPUNIT_TEST(memoryOnlyNeedsNoDatabase);
  CPPUNIT_TEST(refusesToStartWithoutItsTable);
  CPPUNIT_TEST(comesBackFromTheDatabase);
  CPPUNIT_TEST(expiredRowsAreRemovedAtStart);
  CPPUNIT_TEST(readsRowsOfAnExistingDatabase);
  CPPUNIT_TEST(isLoadingUntilLoaded);
  CPPUNIT_TEST_SUITE_END();

 public:
  /// J01: the reply waits for this.
  void writeThroughWaitsForTheCommit() {
    begin({{"db_mode", "1"}});
    int durable = 0;
    Do decision([&](auto, auto& changes) {
      changes.push_back({Change::Kind::put, contact("sip:1")});
      changes.push_back({Change::Kind::put, contact("sip:2")});
      return true;
    });
    CPPUNIT_ASSERT(Table::Durability::pending ==
                   table->change("joe@x", decision, Usrloc::Event::Origin::registrar, [&](bool well) { durable += well ? 1 : 100; }));
    CPPUNIT_ASSERT_EQUAL(size_t{2}, database.rows.size());
    auto second = std::move(database.waiters.back());
    database.waiters.pop_back();
    database.commit();
    CPPUNIT_ASSERT_EQUAL(0, durable);
    second({});
    CPPUNIT_ASSERT_EQUAL(1, durable);
    CPPUNIT_ASSERT(remove("joe@x", "sip:1", [&](bool well) { durable += well ? 1 : 100; }) == Table::Durability::pending);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, database.rows.size());
    database.commit();
    CPPUNIT_ASSERT_EQUAL(2, durable);
  }

  void writeThroughTellsOfRefusal() {
    begin({{"db_mode", "1"}});
    int refused = 0;
    put("joe@x", contact("sip:1"), [&](bool well) { refused += well ? 100 : 1; });
    database.commit({Data::Failure::Kind::unreachable, "gone"});
    CPPUNIT_ASSERT_EQUAL(1, refused);
    CPPUNIT_ASSERT_EQUAL("sip:1"s, uris("joe@x"));
  }

  void nothingToCommitIsDone() {
    begin({{"db_mode", "1"}});
    const auto never = [](bool) { CPPUNIT_FAIL("told of a commit that was none"); };
    CPPUNIT_ASSERT(remove("joe@x", "sip:1", never) == Table::Durability::done);
    Do query([](auto, auto&) { return true; });
    CPPUNIT_ASSERT(table->change("joe@x", query, Usrloc::Event::Origin::registrar, never) == Table::Durability::done);
  }

  void refreshKeepsItsRow() {
    begin({{"db_mode", "1"}});
    put("joe@x", contact("sip:1"));
    const std::string row = database.rows.begin()->first;
    put("joe@x", contact("sip:1", 100s));
    CPPUNIT_ASSERT_EQUAL(size_t{1}, database.rows.size());
    CPPUNIT_ASSERT_EQUAL(row, database.rows.begin()->first);
    CPPUNIT_ASSERT(database.rows.begin()->second[6] == Data::Field("2026-01-01 00:01:40"s));
  }

  void expiredContactLosesItsRow() {
    begin({{"db_mode", "1"}});
    put("joe@x", contact("sip:1", 60s));
    host->environment_.advance(62s);
    CPPUNIT_ASSERT(database.rows.empty());
  }

  void writeBackWritesOnceAnInterval() {
    begin({{"db_mode", "2"}, {"write_interval", "5s"}});
    host->environment_.advance(1s);
    for (int i = 0; i < 10; ++i)
      CPPUNIT_ASSERT(put("joe@x", contact("sip:1", 60s + i * 1s), [](bool) { CPPUNIT_FAIL("waits"); }) == Table::Durability::done);
    host->environment_.advance(1s);
    for (int i = 0; i < 1000; ++i) put("u" + std::to_string(i) + "@x", contact("sip:1"));
    host->environment_.advance(6s);
    CPPUNIT_ASSERT_EQUAL(size_t{1001}, database.upserts);
    CPPUNIT_ASSERT_EQUAL(size_t{1001}, database.rows.size());
    host->environment_.advance(10s);
    CPPUNIT_ASSERT_EQUAL(size_t{1001}, database.upserts);
  }

  void writeBackForgetsWhatCameAndWent() {
    begin({{"db_mode", "2"}, {"write_interval", "5s"}});
    host->environment_.advance(1s);
    put("ann@x", contact("sip:1"));
    host->environment_.advance(10s);
    const size_t before = database.upserts;
    put("joe@x", contact("sip:1"));
    put("joe@x", contact("sip:1"));
    remove("joe@x", "sip:1");
    host->environment_.advance(10s);
    CPPUNIT_ASSERT_EQUAL(before, database.upserts);
    CPPUNIT_ASSERT_EQUAL(size_t{0}, database.removals);
  }

  void writeBackRemovesRows() {
    begin({{"db_mode", "2"}});
    put("joe@x", contact("sip:1"));
    put("ann@x", contact("sip:1", 20s));
    host->environment_.advance(3s);
    CPPUNIT_ASSERT_EQUAL(size_t{2}, database.rows.size());
    put("joe@x", contact("sip:1"));
    remove("joe@x", "sip:1");
    host->environment_.advance(30s);
    CPPUNIT_ASSERT(database.rows.empty());
    CPPUNIT_ASSERT_EQUAL(size_t{2}, database.removals);
    database.commit();
    host->environment_.advance(30s);
    database.commit();
    host->environment_.advance(30s);
    CPPUNIT_ASSERT(!host->environment_.worker.nextDue());
  }

  void writeBackWritesTheRestAtTheEnd() {
    begin({{"db_mode", "2"}, {"write_interval", "1h"}});
    host->environment_.advance(2s);
    for (int i = 0; i < 20000; ++i) put("u" + std::to_string(i) + "@x", contact("sip:1"));
    end();
    CPPUNIT_ASSERT_EQUAL(size_t{20000}, database.rows.size());
  }

  /// REQ 39
  void memoryOnlyNeedsNoDatabase() {
    begin({{"db_mode", "0"}});
    put("joe@x", contact("sip:1"));
    host->environment_.advance(100s);
    CPPUNIT_ASSERT_EQUAL(size_t{0}, database.upserts + database.removals + database.opened.size());
  }

  void refusesToStartWithoutItsTable() {
    database.failure = {Data::Failure::Kind::schema, "table 'location' has version 10"};
    CPPUNIT_ASSERT_THROW(begin({{"db_mode", "1"}}), Poco::DataException);
  }

  /// REQ 39, 45: with SQLite itself.
  void comesBackFromTheDatabase() {
    outside = std::make_unique<FakeEnvironment>();
    sqlite = Data::Database::make("sqlite::memory:", *outside);
    begin({{"db_mode", "1"}}, sqlite.get());
    Contact given = contact("sip:joe@192.0.2.1;x='--\"", 3600s);
    given.received = "sip:192.0.2.9:1024";
    given.path = "<sip:p1;lr>";
    const std::string callId = "a\0b"s;
    given.callId = callId;
    given.userAgent = "\xff\x80 phone";  // there may be databases that do not take this
    given.instance = "<urn:uuid:1>";
    given.regId = 7;
    given.cseq = 0x7fffffff;
    given.q = 250;
    given.methods = 0x7ffe;
    given.flags = 0xffff0000ffff0000;
    put("joe's@x", given);
    Contact gateway = contact("sip:gw");
    gateway.permanent = true;
    gateway.q = Contact::noQ;
    put("x", gateway);
    for (int i = 0; i < 1000; ++i) put("user" + std::to_string(i) + "@x", contact("sip:" + std::to_string(i)));
    end();
    begin({{"db_mode", "1"}}, sqlite.get());
    CPPUNIT_ASSERT_EQUAL(size_t{1002}, table->size());
    CPPUNIT_ASSERT(host->announced("contacts", "location: 1002"));
    CPPUNIT_ASSERT_EQUAL("sip:999"s, uris("user999@x"));
    look("joe's@x", [&](const Contact& found) {
      CPPUNIT_ASSERT(found.received == given.received && found.path == given.path && found.callId == given.callId &&
                     found.uri == given.uri);
      CPPUNIT_ASSERT(found.userAgent == "?? phone" && found.instance == given.instance && found.expires == given.expires);
      CPPUNIT_ASSERT(found.regId == given.regId && found.cseq == given.cseq && found.q == given.q && found.methods == given.methods);
      CPPUNIT_ASSERT(found.flags == given.flags && found.modified == given.modified && !found.permanent);
    });
    look("x", [](const Contact& found) { CPPUNIT_ASSERT(found.permanent && found.q == Contact::noQ); });
    put("joe's@x", given);  // the same row again
    end();
    begin({{"db_mode", "1"}}, sqlite.get());
    CPPUNIT_ASSERT_EQUAL(size_t{1002}, table->size());
    end();
  }

  void expiredRowsAreRemovedAtStart() {
    begin({{"db_mode", "1"}});
    put("joe@x", contact("sip:1", 60s));
    put("joe@x", contact("sip:2", -60s));
    CPPUNIT_ASSERT_EQUAL(size_t{2}, database.rows.size());
    end();
    begin({{"db_mode", "1"}});
    CPPUNIT_ASSERT_EQUAL("sip:1"s, uris("joe@x"));
    CPPUNIT_ASSERT_EQUAL(size_t{1}, database.rows.size());
    CPPUNIT_ASSERT(diary.origins.back() == Usrloc::Event::Origin::database);
  }

  /// As Kamailio writes them: its own row ids, no domain, no time.
  void readsRowsOfAnExistingDatabase() {
    const auto row = [&](const std::string& ruid, Data::Field domain, const std::string& expires) {
      Data::Row row(22);
      row[0] = ruid;
      row[1] = "joe"s;
      row[2] = std::move(domain);
      row[3] = "sip:" + ruid;
      row[6] = expires;
      row[7] = 1.0;
      row[15] = int64_t{0xffffffff};
      database.rows[ruid] = row;
    };
    row("uloc-63a1-5f-1", {}, "2030-05-28 21:32:15");
    row("uloc-63a1-5f-2", "x"s, "2030-05-28 21:32:15");
    row("uloc-63a1-5f-3", "x"s, "soon");
    begin({{"db_mode", "1"}, {"default_domain", "home"}});
    CPPUNIT_ASSERT_EQUAL("sip:uloc-63a1-5f-1"s, uris("joe@home"));
    CPPUNIT_ASSERT_EQUAL("sip:uloc-63a1-5f-2"s, uris("joe@x"));
    CPPUNIT_ASSERT_EQUAL(size_t{3}, database.rows.size());
    put("joe@x", contact("sip:uloc-63a1-5f-2"));
    CPPUNIT_ASSERT_EQUAL(size_t{3}, database.rows.size());  // its own row again
    remove("joe@home", "sip:uloc-63a1-5f-1");
    CPPUNIT_ASSERT_EQUAL(size_t{2}, database.rows.size());
  }

  /// L13
  void isLoadingUntilLoaded() {
    FakeEnvironment outside;
    Usrloc::Shared shared(outside, Usrloc::WriteMode::through);
    Usrloc::MemoryTable loading("location", shared, std::make_unique<Usrloc::Store>("location", database, nullptr, ""));
    CPPUNIT_ASSERT(!loading.open());
    CPPUNIT_ASSERT(loading.state() == Table::State::loading);
    database.failure = {Data::Failure::Kind::unreachable, "gone"};
    CPPUNIT_ASSERT(loading.load().kind == Data::Failure::Kind::unreachable);
    CPPUNIT_ASSERT(loading.state() == Table::State::loading);
    database.failure = {};
    CPPUNIT_ASSERT(!loading.load());
    CPPUNIT_ASSERT(loading.state() == Table::State::ready);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(StoreTest);

}  // namespace

}  // namespace Patchbay::Testsuite
