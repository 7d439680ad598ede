#include <cppunit/extensions/HelperMacros.h>

#include <condition_variable>
#include <future>
#include <map>

#include <Poco/Data/MySQL/Connector.h>
#include <Poco/Data/Session.h>
#include <Poco/Data/Statement.h>

#include "PrivateMariadb.h"
#include "patchbay/data/Database.h"

namespace Patchbay::Data {

namespace {

using namespace std::string_literals;
using namespace Poco::Data::Keywords;
using Runtime::Worker;

/// One for all tests: it takes two seconds to make.
Testsuite::PrivateMariadb& server() {
  static Testsuite::PrivateMariadb server;
  return server;
}

/// Real threads and time.
struct World {
  ~World() {
    workers.stop();
    pool->stop();
  }
  double metric(const std::string& name) const {
    for (const auto& family : metrics.read())
      if (family.name == name) return family.samples.at(0).value;
    return -1;
  }
  Runtime::SystemClock clock;
  Runtime::ThreadedWorkers workers{2, clock};
  std::unique_ptr<Runtime::BlockingPool> pool = Runtime::makeThreadedPool(4);
  std::unique_ptr<Runtime::Network> network = Runtime::makeSystemNetwork();
  std::unique_ptr<Runtime::Random> random = Runtime::makeSystemRandom();
  Runtime::Metrics metrics;
  Runtime::Environment environment{clock, workers, *pool, *network, metrics, *random};
};

/// What the database tells, and a way to wait for it.
class Notes {
 public:
  void add(const Failure& failure) {
    std::lock_guard<std::mutex> lock(_mutex);
    _states.push_back(bool{failure});
    _changed.notify_all();
  }
  void waitFor(bool failing) {
    std::unique_lock<std::mutex> lock(_mutex);
    CPPUNIT_ASSERT(_changed.wait_for(lock, std::chrono::seconds(30), [&] { return !_states.empty() && _states.back() == failing; }));
  }

 private:
  std::mutex _mutex;
  std::condition_variable _changed;
  std::vector<bool> _states;
};

Table phones() {
  return {"phones",
          3,
          {{"name", Column::Type::text, 64},
           {"port", Column::Type::integer},
           {"weight", Column::Type::real, 0, true},
           {"note", Column::Type::text, 255, true},
           {"seen", Column::Type::time, 0, false, "2000-01-01 00:00:00"}},
          {"name"},
          {{"port"}}};
}

class MysqlDatabaseTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(MysqlDatabaseTest);
  CPPUNIT_TEST(keepsWhatIsWritten);
  CPPUNIT_TEST(rowsThatFitNotAreRefusedAndOthersAreNot);
  CPPUNIT_TEST(questionsOfOneTurnAreOneQuery);
  CPPUNIT_TEST(servesTablesOfKamailio);
  CPPUNIT_TEST(comparesTextAsTheDatabaseDoes);
  CPPUNIT_TEST(refusesColumnsThatCannotBeUsed);
  CPPUNIT_TEST(upgradesATable);
  CPPUNIT_TEST(saysWhyItIsNotLetIn);
  CPPUNIT_TEST(answersInTimeWhileTheServerHangs);
  CPPUNIT_TEST(noWorkerWaitsWhileTheServerHangs);
  CPPUNIT_TEST(writesEverythingOnceAfterTheServerHung);
  CPPUNIT_TEST(writesEverythingOnceWhileTheServerRestarts);
  CPPUNIT_TEST(changesWaitWhileTheServerIsReadOnly);
  CPPUNIT_TEST(triesAgainWhileARowIsLocked);
  CPPUNIT_TEST(nothingIsLostByAnErrorOfAStatement);
  CPPUNIT_TEST(changesWaitWhileTheirTableIsGone);
  CPPUNIT_TEST(changesAreWrittenByAnotherConnectionWhenTheirsIsCut);
  CPPUNIT_TEST(changesWaitWhileTheServerHasNoRoomForConnections);
  CPPUNIT_TEST(startsWhileTheServerIsAway);
  CPPUNIT_TEST(refusesToStartWhileTheServerIsAwayWhenTold);
  CPPUNIT_TEST_SUITE_END();

 public:
  void setUp() override {
    Poco::Data::MySQL::Connector::registerConnector();
    server();
    sql("DROP DATABASE IF EXISTS patchbay");
    sql("CREATE DATABASE patchbay CHARACTER SET latin1");
    sql("CREATE USER IF NOT EXISTS joe@'%' IDENTIFIED BY 's/e:c@r%t'");
    sql("GRANT ALL ON patchbay.* TO joe@'%'");
    sql("USE patchbay");
    _made = true;
  }
  void tearDown() override {
    server().resume();
    end();
    _admin.reset();
  }

  void keepsWhatIsWritten() {
    open();
    for (int i = 0; i < 1000; ++i)
      put("n" + std::to_string(i), i, "caf\xc3\xa9 \xf0\x9f\x98\x80 '; DROP TABLE phones; -- \\"s + '\0' + "x");
    _database->upsert(_table, {"null"s, int64_t{-7}, {}, {}, {}});
    _database->upsert(_table, {"real"s, int64_t{1} << 40, 0.25, ""s, "2026-01-31 12:00:00"s});
    _database->remove(_table, {"n5"s});
    flush();
    const auto rows = all();
    CPPUNIT_ASSERT_EQUAL(size_t{1001}, rows.size());
    CPPUNIT_ASSERT(rows.at("n999")[3] == Field("caf\xc3\xa9 \xf0\x9f\x98\x80 '; DROP TABLE phones; -- \\"s + '\0' + "x"));
    CPPUNIT_ASSERT(rows.at("null") == (Row{"null"s, int64_t{-7}, {}, {}, "2000-01-01 00:00:00"s}));
    CPPUNIT_ASSERT(rows.at("real") == (Row{"real"s, int64_t{1} << 40, 0.25, ""s, "2026-01-31 12:00:00"s}));
    size_t some = 0;
    CPPUNIT_ASSERT(!_database->read(
        _table, [&](const Row&) { ++some; }, "port", int64_t{17}));
    CPPUNIT_ASSERT_EQUAL(size_t{1}, some);
    CPPUNIT_ASSERT(_world->metric("data_commits_total") < 20);  // in groups
  }

  /// J07: a row that the database does not take is told, and holds nobody up.
  void rowsThatFitNotAreRefusedAndOthersAreNot() {
    open();
    const std::string wrong[] = {"no\xff utf8", std::string(300, 'x')};
    std::vector<std::future<Failure>> futures;
    for (int i = 0; i < 20; ++i) futures.push_back(change("n" + std::to_string(i), i, i == 7 ? wrong[0] : i == 9 ? wrong[1] : ""s));
    for (int i = 0; i < 20; ++i)
      CPPUNIT_ASSERT(futures[static_cast<size_t>(i)].get().kind == (i == 7 || i == 9 ? Failure::Kind::constraint : Failure::Kind::none));
    CPPUNIT_ASSERT_EQUAL(size_t{18}, all().size());
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _database->waiting());
  }

  void questionsOfOneTurnAreOneQuery() {
    open();
    for (int i = 0; i < 100; ++i) put("n" + std::to_string(i), i % 10);
    flush();
    std::promise<void> done;
    std::atomic<int> left{50};
    std::atomic<size_t> rows{0}, wrong{0};
    _world->workers.at(1).post([&] {
      for (int i = 0; i < 50; ++i)
        _database->query(_table, {"port", "name"}, {int64_t{i % 10}, "n" + std::to_string(i)}, [&, i](Result&& result) {
          rows += result.rows.size();
          wrong += result.failure || Worker::current() != &_world->workers.at(1) || result.rows.size() != 1 ||
                   result.rows[0][0] != Field("n" + std::to_string(i));
          if (--left == 0) done.set_value();
        });
    });
    done.get_future().wait();
    CPPUNIT_ASSERT_EQUAL(size_t{50}, rows.load());
    CPPUNIT_ASSERT_EQUAL(size_t{0}, wrong.load());
    CPPUNIT_ASSERT_EQUAL(1.0, _world->metric("data_queries_total"));
    CPPUNIT_ASSERT_EQUAL(50.0, _world->metric("data_asked_total"));
  }

  /// The tables of a Kamailio 5 database, which this program has not made: further columns, other versions, no key of ours.
  void servesTablesOfKamailio() {
    makeKamailiosTables();
    make();
    using Type = Column::Type;
    const Table subscriber{
        "subscriber",
        7,
        {{"username", Type::text, 64}, {"domain", Type::text, 64}, {"password", Type::text, 64}, {"ha1", Type::text, 128}},
        {"username", "domain"},
        {},
        1,
        99};
    const Table group{"grp",
                      4,
                      {{"username", Type::text, 64}, {"domain", Type::text, 64}, {"grp", Type::text, 64}, {"last_modified", Type::time}},
                      {"username", "domain", "grp"},
                      {},
                      1,
                      99};
    const Table address{"address",
                        6,
                        {{"grp", Type::integer},
                         {"ip_addr", Type::text, 50},
                         {"mask", Type::integer},
                         {"port", Type::integer},
                         {"tag", Type::text, 64, true}},
                        {"grp", "ip_addr", "mask", "port"},
                        {},
                        1,
                        99};
    for (const Table* table : {&subscriber, &group, &address}) {
      const Failure failure = _database->open(*table);
      CPPUNIT_ASSERT_MESSAGE(failure.text, !failure);
    }
    CPPUNIT_ASSERT((ask(subscriber, {"username", "domain"}, {"joe"s, "example.org"s}) ==
                    std::vector<Row>{{"joe"s, "example.org"s, "secret"s, "0123"s}}));
    CPPUNIT_ASSERT(ask(subscriber, {"username", "domain"}, {"joe"s, "example.com"s}).empty());
    _database->upsert(subscriber, {"ann"s, "example.org"s, ""s, "4567"s});
    _database->upsert(subscriber, {"joe"s, "example.org"s, "changed"s, ""s});
    _database->upsert(group, {"joe"s, "example.org"s, "gateway"s, "2026-01-31 12:00:00"s});
    for (int64_t i = 0; i < 3; ++i) {
      _database->upsert(address, {int64_t{1}, "192.0.2.1"s, int64_t{32}, int64_t{0}, i == 2 ? Field() : Field("x"s)});
      flush();
    }
    CPPUNIT_ASSERT_EQUAL("2 1 1"s, text("SELECT CONCAT((SELECT COUNT(*) FROM subscriber), ' ', (SELECT COUNT(*) FROM grp), ' ', (SELECT "
                                        "COUNT(*) FROM address WHERE ip_addr = '192.0.2.1'))"));
    CPPUNIT_ASSERT_EQUAL("changed 42"s, text("SELECT CONCAT(password, ' ', id) FROM subscriber WHERE username = 'joe'"));  // the same row
    std::map<std::string, Row> lists;
    CPPUNIT_ASSERT(!_database->read(address, [&](const Row& row) { lists[std::get<std::string>(row[1])] = row; }));
    CPPUNIT_ASSERT((lists.at("10.0.0.0") == Row{int64_t{2}, "10.0.0.0"s, int64_t{8}, int64_t{5060}, {}}));
    CPPUNIT_ASSERT(std::holds_alternative<std::monostate>(lists.at("192.0.2.1")[4]));
  }

  void comparesTextAsTheDatabaseDoes() {
    makeKamailiosTables();
    make();
    const Table domain{"domain", 2, {{"domain", Column::Type::text, 64}, {"did", Column::Type::text, 64, true}}, {"domain"}, {}, 1, 99};
    CPPUNIT_ASSERT(!_database->open(domain));
    CPPUNIT_ASSERT_EQUAL(size_t{1}, ask(domain, {"domain"}, {"example.org"s}).size());  // it has Example.ORG
    CPPUNIT_ASSERT_EQUAL(size_t{1}, ask(domain, {"did"}, {Field()}).size());            // null is asked for as null
  }

  void refusesColumnsThatCannotBeUsed() {
    makeKamailiosTables();
    make();
    Table table{"subscriber", 7, {{"username", Column::Type::text, 64}, {"id", Column::Type::text, 64}}, {"username"}, {}, 1, 99};
    assertRefused(table, "'id' of type int, which cannot be used as text");
    table.columns[1] = {"shoe_size"};
    assertRefused(table, "no column 'shoe_size'");
    table.columns.pop_back();
    table.oldest = table.newest = 0;
    table.version = 6;
    assertRefused(table, "newer program");
    table.version = 8;
    assertRefused(table, "upgrades are explicit");
  }

  void upgradesATable() {
    open();
    put("old", 1);
    flush();
    Table next = phones();
    next.version = 4;
    next.columns.push_back({"colour", Column::Type::text, 20, false, "grey"});
    CPPUNIT_ASSERT(_database->open(next).kind == Failure::Kind::schema);
    const auto before = _database->status();
    CPPUNIT_ASSERT(before.at(0).state == TableStatus::State::good);  // as it was declared first
    CPPUNIT_ASSERT(before.at(1).state == TableStatus::State::upgradable && before.at(1).found == 3 && before.at(1).declared == 4);
    make();
    _database->opening(Database::Opening::look);
    CPPUNIT_ASSERT(!_database->open(next));
    CPPUNIT_ASSERT(_database->status().at(0).state == TableStatus::State::upgradable);
    const Failure failure = _database->upgrade("phones");
    CPPUNIT_ASSERT_MESSAGE(failure.text, !failure);
    CPPUNIT_ASSERT(_database->status().at(0).state == TableStatus::State::good);
    CPPUNIT_ASSERT_EQUAL("grey"s, text("SELECT colour FROM phones WHERE name = 'old'"));
    CPPUNIT_ASSERT(_database->upgrade("nobodys").kind == Failure::Kind::schema);
  }

  void saysWhyItIsNotLetIn() {
    for (const auto& [url, why] : {std::pair{"mysql://joe:wrong@127.0.0.1:PORT/patchbay"s, "Access denied"s},
                                   {"mysql://joe:s%2Fe%3Ac%40r%25t@127.0.0.1:PORT/nothing"s, "Access denied"s}}) {
      std::string real = url;
      real.replace(real.find("PORT"), 4, std::to_string(server().port()));
      makeFor(real);
      const Failure failure = _database->open(_table);
      CPPUNIT_ASSERT(failure.kind == Failure::Kind::denied);
      CPPUNIT_ASSERT_MESSAGE(failure.text, failure.text.find(why) != failure.text.npos && failure.text.find("wrong") == failure.text.npos);
    }
  }

  /// J06: nobody who asks waits longer than he must, and then not at all; a probe finds out when it is back.
  void answersInTimeWhileTheServerHangs() {
    open("?timeout=200");
    CPPUNIT_ASSERT(ask(_table, {"name"}, {"x"s}).empty());
    server().freeze();
    CPPUNIT_ASSERT(failureOfAsking().kind == Failure::Kind::timeout);
    _notes->waitFor(true);
    CPPUNIT_ASSERT(_world->metric("data_state") != 0);
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < 100; ++i) CPPUNIT_ASSERT(failureOfAsking().kind == Failure::Kind::unreachable);
    CPPUNIT_ASSERT(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));  // a hundred: 20 s, if each one waited
    server().resume();
    _notes->waitFor(false);
    CPPUNIT_ASSERT(ask(_table, {"name"}, {"x"s}).empty());
    CPPUNIT_ASSERT_EQUAL(0.0, _world->metric("data_state"));
    CPPUNIT_ASSERT_EQUAL(0.0, _world->metric("data_abandoned_threads"));
  }

  /// J06: whoever asks goes on at once, what comes to his worker next is done before the answer is there.
  void noWorkerWaitsWhileTheServerHangs() {
    open("?timeout=2000");
    server().freeze();
    std::promise<bool> next;
    std::promise<Failure::Kind> answered;
    std::atomic<bool> there{false};
    auto& worker = _world->workers.at(0);
    worker.post([&] {
      _database->query(_table, {"name"}, {"x"s}, [&](Result&& result) {
        there = true;
        answered.set_value(result.failure.kind);
      });
      worker.post([&] { next.set_value(!there); });
    });
    CPPUNIT_ASSERT(next.get_future().get());
    CPPUNIT_ASSERT(answered.get_future().get() == Failure::Kind::timeout);
  }

  /// J06, J05.
  void writesEverythingOnceAfterTheServerHung() {
    open("?timeout=200");
    put("before", 1);
    flushed();
    server().freeze();
    const auto first = change("first", 1);
    first.wait();
    _notes->waitFor(true);
    for (int i = 0; i < 2000; ++i) put("n" + std::to_string(i % 1000), i);
    CPPUNIT_ASSERT(change("late", 1).get().kind == Failure::Kind::unreachable);  // told at once, and kept
    CPPUNIT_ASSERT_EQUAL(size_t{1002}, _database->waiting());
    server().resume();
    _notes->waitFor(false);
    flush();
    const auto rows = all();
    CPPUNIT_ASSERT_EQUAL(size_t{1003}, rows.size());
    for (int i = 0; i < 1000; ++i) CPPUNIT_ASSERT(rows.at("n" + std::to_string(i))[1] == Field(int64_t{1000 + i}));
    CPPUNIT_ASSERT_EQUAL(_database->lastQueued(), _database->committedUpTo());
  }

  /// J05, J08: stopped and killed again and again; nothing lost, nothing twice, no connection left behind.
  void writesEverythingOnceWhileTheServerRestarts() {
    open("?timeout=500");
    int64_t value = 0;
    for (int round = 0; round < 4; ++round) {
      for (int i = 0; i < 300; ++i) put("n" + std::to_string(i), static_cast<int>(++value));
      if (round % 2)
        server().kill();
      else
        server().stop();
      _admin.reset();
      for (int i = 0; i < 300; ++i) put("n" + std::to_string(i), static_cast<int>(++value));
      change("probe", round).wait();
      _notes->waitFor(true);
      server().start();
      _notes->waitFor(false);
      flushed();
    }
    flush();
    const auto rows = all();
    CPPUNIT_ASSERT_EQUAL(size_t{301}, rows.size());
    for (int64_t i = 0; i < 300; ++i) CPPUNIT_ASSERT(rows.at("n" + std::to_string(i))[1] == Field(value - 299 + i));
    CPPUNIT_ASSERT(std::stoi(text("SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'joe'")) <= 3);
  }

  /// J07.
  void changesWaitWhileTheServerIsReadOnly() {
    open();
    sql("SET GLOBAL read_only = 1");
    CPPUNIT_ASSERT(change("a", 1).get().kind == Failure::Kind::other);
    _notes->waitFor(true);
    CPPUNIT_ASSERT(ask(_table, {"name"}, {"a"s}).empty());  // and it can be read
    sql("SET GLOBAL read_only = 0");
    _notes->waitFor(false);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, all().size());
  }

  /// J07: somebody else holds the row for long: that is no outage.
  void triesAgainWhileARowIsLocked() {
    open();
    put("a", 1);
    flushed();
    sql("START TRANSACTION");
    sql("UPDATE phones SET port = 9 WHERE name = 'a'");
    CPPUNIT_ASSERT(change("a", 2).get().kind == Failure::Kind::timeout);
    CPPUNIT_ASSERT(ask(_table, {"name"}, {"b"s}).empty());
    sql("COMMIT");
    flush();
    CPPUNIT_ASSERT(all().at("a")[1] == Field(int64_t{2}));
  }

  /// J07: told as what it is, and written when it goes, but for what the database will never take. The errors are the database's own,
  /// raised by a trigger: deadlock, lock, read-only, disk full, table full; duplicate key, a value that does not fit.
  void nothingIsLostByAnErrorOfAStatement() {
    open();
    int64_t value = 0;
    put("b", 0);
    flushed();
    using Kind = Failure::Kind;
    const std::pair<int, Kind> errors[] = {{1213, Kind::timeout}, {1205, Kind::timeout},    {1290, Kind::other},     {1021, Kind::other},
                                           {1114, Kind::other},   {1062, Kind::constraint}, {1366, Kind::constraint}};
    for (const auto& [number, kind] : errors) {
      sql("CREATE TRIGGER fault BEFORE INSERT ON phones FOR EACH ROW IF NEW.name = 'b' THEN SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = " +
          std::to_string(number) + ", MESSAGE_TEXT = 'as the test says'; END IF");
      const auto before = std::get<int64_t>(all().at("b")[1]);
      CPPUNIT_ASSERT_MESSAGE(std::to_string(number), change("b", static_cast<int>(++value)).get().kind == kind);
      sql("DROP TRIGGER fault");
      flush();
      const auto after = std::get<int64_t>(all().at("b")[1]);
      CPPUNIT_ASSERT_EQUAL_MESSAGE(std::to_string(number), kind == Kind::constraint ? before : value, after);
      CPPUNIT_ASSERT(change("a", static_cast<int>(value)).get().kind == Kind::none);
    }
  }

  /// J07: somebody works on the schema while we run.
  void changesWaitWhileTheirTableIsGone() {
    open();
    put("a", 1);
    flushed();
    sql("RENAME TABLE phones TO away");
    CPPUNIT_ASSERT(change("a", 2).get().kind == Failure::Kind::schema);
    CPPUNIT_ASSERT(failureOfAsking().kind == Failure::Kind::schema);
    sql("RENAME TABLE away TO phones");
    flush();
    CPPUNIT_ASSERT(all().at("a")[1] == Field(int64_t{2}));
  }

  /// J07: the connection is lost while its statement runs.
  void changesAreWrittenByAnotherConnectionWhenTheirsIsCut() {
    open("?timeout=10000");
    put("a", 1);
    flushed();
    sql("START TRANSACTION");
    sql("UPDATE phones SET port = 9 WHERE name = 'a'");
    auto told = change("a", 2);
    std::string running;
    while ((running = text("SELECT COALESCE(MIN(id), 0) FROM information_schema.processlist WHERE user = 'joe' AND state = 'Update'")) ==
           "0") {
    }
    sql("KILL CONNECTION " + running);
    sql("COMMIT");
    const auto kind = told.get().kind;
    CPPUNIT_ASSERT(kind == Failure::Kind::unreachable || kind == Failure::Kind::none);
    flush();
    CPPUNIT_ASSERT(all().at("a")[1] == Field(int64_t{2}));
    CPPUNIT_ASSERT_EQUAL(size_t{1}, all().size());
  }

  /// J07: max_connections.
  void changesWaitWhileTheServerHasNoRoomForConnections() {
    make();
    sql("SET GLOBAL max_connections = 10");
    std::vector<Poco::Data::Session> others;
    for (int i = 0; i < 10; ++i) {
      try {
        others.push_back(session("joe", "s/e:c@r%t"));
      } catch (const Poco::Exception&) {
      }
    }
    CPPUNIT_ASSERT(!_database->open(_table));  // waits for it
    CPPUNIT_ASSERT(change("a", 1).get().kind == Failure::Kind::unreachable);
    others.clear();
    _notes->waitFor(false);
    flush();
    CPPUNIT_ASSERT_EQUAL(size_t{1}, all().size());
    sql("SET GLOBAL max_connections = 151");
  }

  /// J09.
  void startsWhileTheServerIsAway() {
    server().stop();
    _admin.reset();
    make("?timeout=500");
    CPPUNIT_ASSERT(!_database->open(_table));
    CPPUNIT_ASSERT(failureOfAsking().kind == Failure::Kind::unreachable);
    CPPUNIT_ASSERT(_database->status().at(0).state == TableStatus::State::unreachable);
    CPPUNIT_ASSERT(change("a", 1).get().kind == Failure::Kind::unreachable);
    server().start();
    _notes->waitFor(false);
    flush();
    CPPUNIT_ASSERT_EQUAL(size_t{1}, all().size());  // its table has been made
    CPPUNIT_ASSERT(_database->status().at(0).state == TableStatus::State::good);
  }

  void refusesToStartWhileTheServerIsAwayWhenTold() {
    server().stop();
    _admin.reset();
    make("?start=refuse");
    const Failure failure = _database->open(_table);
    server().start();
    CPPUNIT_ASSERT(failure.kind == Failure::Kind::unreachable);
    CPPUNIT_ASSERT_MESSAGE(failure.text, failure.text.find("joe@127.0.0.1") != failure.text.npos);
    CPPUNIT_ASSERT_MESSAGE(failure.text, failure.text.find("s/e:c@r") == failure.text.npos);
  }

 private:
  void make(const std::string& options = {}) {
    makeFor("mysql://joe:s%2Fe%3Ac%40r%25t@127.0.0.1:" + std::to_string(server().port()) + "/patchbay" + options);
  }
  /// As the server does it: everything is registered before the workers run, and taken away when they have ended.
  void makeFor(const std::string& url) {
    end();
    _world = std::make_unique<World>();
    _notes = std::make_unique<Notes>();
    _database = Database::make(url, _world->environment);
    _database->watch([notes = _notes.get()](const Failure& failure) { notes->add(failure); });
    _world->workers.start();
  }
  void end() {
    if (_world) _world->workers.stop();
    _database.reset();
    _world.reset();
  }
  void open(const std::string& options = {}) {
    make(options);
    const Failure failure = _database->open(_table);
    CPPUNIT_ASSERT_MESSAGE(failure.text, !failure);
  }
  void put(const std::string& name, int port, const std::string& note = {}) {
    _database->upsert(_table, {name, int64_t{port}, {}, note, "2026-01-31 12:00:00"s});
  }
  std::future<Failure> change(const std::string& name, int port, const std::string& note = {}) {
    auto promise = std::make_shared<std::promise<Failure>>();
    _database->upsert(_table, {name, int64_t{port}, {}, note, "2026-01-31 12:00:00"s},
                      [promise](const Failure& failure) { promise->set_value(failure); });
    return promise->get_future();
  }
  /// All that has been queued is there.
  void flushed() {
    std::promise<void> done;
    _database->remove(_table, {"nobody"s}, [&](const Failure&) { done.set_value(); });
    done.get_future().wait();
  }
  void flush() { CPPUNIT_ASSERT_EQUAL(size_t{0}, _database->flush(std::chrono::seconds(20))); }
  Result answer(const Table& table, const std::vector<std::string>& columns, const Row& values) {
    std::promise<Result> promise;
    _world->workers.at(0).post(
        [&] { _database->query(table, columns, values, [&](Result&& result) { promise.set_value(std::move(result)); }); });
    return promise.get_future().get();
  }
  std::vector<Row> ask(const Table& table, const std::vector<std::string>& columns, const Row& values) {
    const Result result = answer(table, columns, values);
    CPPUNIT_ASSERT_MESSAGE(result.failure.text, !result.failure);
    return result.rows;
  }
  Failure failureOfAsking() { return answer(_table, {"name"}, {"x"s}).failure; }
  std::map<std::string, Row> all() {
    std::map<std::string, Row> rows;
    const Failure failure = _database->read(_table, [&](const Row& row) { rows[std::get<std::string>(row[0])] = row; });
    CPPUNIT_ASSERT_MESSAGE(failure.text, !failure);
    return rows;
  }
  void assertRefused(const Table& table, const std::string& why) {
    const Failure failure = _database->open(table);
    CPPUNIT_ASSERT(failure.kind == Failure::Kind::schema);
    CPPUNIT_ASSERT_MESSAGE(failure.text, failure.text.find(why) != failure.text.npos);
  }

  static Poco::Data::Session session(const std::string& user, const std::string& password) {
    return {Poco::Data::MySQL::Connector::KEY,
            "host=127.0.0.1;port=" + std::to_string(server().port()) + ";user=" + user + ";password=" + password};
  }
  /// The other side's administrator.
  Poco::Data::Session& admin() {
    if (!_admin) {
      _admin = std::make_unique<Poco::Data::Session>(session("root", ""));
      if (_made) *_admin << "USE patchbay", now;
    }
    return *_admin;
  }
  void sql(const std::string& statement) { admin() << statement, now; }
  std::string text(const std::string& query) {
    std::string text;
    admin() << "SELECT CAST((" + query + ") AS CHAR(200))", into(text), now;
    return text;
  }
  /// Written from what its tables are known to have; not a copy of its scripts.
  void makeKamailiosTables() {
    const char* const statements[] = {
        "CREATE TABLE version (id INT(10) UNSIGNED AUTO_INCREMENT PRIMARY KEY NOT NULL, table_name VARCHAR(32) NOT NULL, table_version INT "
        "UNSIGNED "
        "DEFAULT 0 NOT NULL, UNIQUE (table_name))",
        "INSERT INTO version (table_name, table_version) VALUES ('subscriber', 7), ('grp', 2), ('domain', 2), ('address', 6)",
        "CREATE TABLE subscriber (id INT(10) UNSIGNED AUTO_INCREMENT PRIMARY KEY NOT NULL, username VARCHAR(64) DEFAULT '' NOT NULL, "
        "domain VARCHAR(64) "
        "DEFAULT '' NOT NULL, password VARCHAR(64) DEFAULT '' NOT NULL, ha1 VARCHAR(128) DEFAULT '' NOT NULL, ha1b VARCHAR(128) DEFAULT '' "
        "NOT NULL, "
        "email VARCHAR(100), UNIQUE (username, domain), KEY (username))",
        "INSERT INTO subscriber (id, username, domain, password, ha1) VALUES (42, 'joe', 'example.org', 'secret', '0123')",
        "CREATE TABLE grp (id INT(10) UNSIGNED AUTO_INCREMENT PRIMARY KEY NOT NULL, username VARCHAR(64) DEFAULT '' NOT NULL, domain "
        "VARCHAR(64) DEFAULT "
        "'' NOT NULL, grp VARCHAR(64) DEFAULT '' NOT NULL, last_modified DATETIME DEFAULT '2000-01-01 00:00:01' NOT NULL, UNIQUE "
        "(username, domain, grp))",
        "CREATE TABLE domain (id INT(10) UNSIGNED AUTO_INCREMENT PRIMARY KEY NOT NULL, domain VARCHAR(64) NOT NULL, did VARCHAR(64) "
        "DEFAULT NULL, "
        "last_modified DATETIME DEFAULT '2000-01-01 00:00:01' NOT NULL, UNIQUE (domain))",
        "INSERT INTO domain (domain, did) VALUES ('Example.ORG', NULL), ('example.net', 'net')",
        "CREATE TABLE address (id INT(10) UNSIGNED AUTO_INCREMENT PRIMARY KEY NOT NULL, grp INT(11) UNSIGNED DEFAULT 1 NOT NULL, ip_addr "
        "VARCHAR(50) NOT "
        "NULL, mask INT DEFAULT 32 NOT NULL, port SMALLINT(5) UNSIGNED DEFAULT 0 NOT NULL, tag VARCHAR(64))",
        "INSERT INTO address (grp, ip_addr, mask, port) VALUES (2, '10.0.0.0', 8, 5060)"};
    for (const char* statement : statements) sql(statement);
  }

  std::unique_ptr<World> _world;
  std::unique_ptr<Notes> _notes;
  std::unique_ptr<Database> _database;
  std::unique_ptr<Poco::Data::Session> _admin;
  bool _made = false;  // its database
  const Table _table = phones();
};

CPPUNIT_TEST_SUITE_REGISTRATION(MysqlDatabaseTest);

}  // namespace

}  // namespace Patchbay::Data
