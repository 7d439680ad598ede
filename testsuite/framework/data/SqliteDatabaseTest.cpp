#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cppunit/extensions/HelperMacros.h>

#include <fstream>
#include <map>

#include <sys/stat.h>

#include <Poco/Data/SQLite/Connector.h>
#include <Poco/Data/Session.h>
#include <Poco/TemporaryFile.h>

#include "FakeEnvironment.h"
#include "patchbay/data/Database.h"

namespace Patchbay::Data {

namespace {

using Testsuite::FakeEnvironment;
using namespace std::string_literals;

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

class SqliteDatabaseTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(SqliteDatabaseTest);
  CPPUNIT_TEST(makesFileAndFolderForTheOwnerOnly);
  CPPUNIT_TEST(refusesUnknownUrl);
  CPPUNIT_TEST(refusesNamesThatAreNoIdentifiers);
  CPPUNIT_TEST(refusesNewerAndOlderTable);
  CPPUNIT_TEST(refusesTableWithoutVersionOrColumn);
  CPPUNIT_TEST(writesATableWithoutItsKey);
  CPPUNIT_TEST(refusesDamagedFile);
  CPPUNIT_TEST(saysWhyFileCannotBeMade);
  CPPUNIT_TEST(keepsHostileOctets);
  CPPUNIT_TEST(keepsNullAndPutsDefaultWhereNullMayNotBe);
  CPPUNIT_TEST(readsRowsOfOneValue);
  CPPUNIT_TEST(survivesReopening);
  CPPUNIT_TEST(queriesFromAWorker);
  CPPUNIT_TEST(questionsOfOneTurnAreOneQuery);
  CPPUNIT_TEST(answersInTimeAndOnce);
  CPPUNIT_TEST(keepsItsLockWhenMoreTablesAreOpened);
  CPPUNIT_TEST(commitsWhatWaitsTogether);
  CPPUNIT_TEST(writesOnlyTheLastOfAKey);
  CPPUNIT_TEST(removesAfterUpsertAndBack);
  CPPUNIT_TEST(tellsEachWorkerOnceACommit);
  CPPUNIT_TEST(retriesWhileTheDatabaseIsLocked);
  CPPUNIT_TEST(takesNothingIntoARemovedFile);
  CPPUNIT_TEST(keepsNewerChangeWhenOlderGroupFails);
  CPPUNIT_TEST(refusedRowDoesNotHoldUpOthers);
  CPPUNIT_TEST(flushesWhatWaits);
  CPPUNIT_TEST(flushGivesUpAtItsDeadline);
  CPPUNIT_TEST(worksInLine);
  CPPUNIT_TEST(worksInMemory);
  CPPUNIT_TEST(writesMoreThanAGroup);
  CPPUNIT_TEST(numbersChangesInTheOrderOfTheirCommit);
  CPPUNIT_TEST(newerChangeInheritsTheNumberOfAFailedOne);
  CPPUNIT_TEST(fullQueueRefusesOtherKeys);
  CPPUNIT_TEST(tellsWhenItBeginsAndEndsToRefuse);
  CPPUNIT_TEST_SUITE_END();

 public:
  void setUp() override {
    _world = std::make_unique<FakeEnvironment>(1, 2);
    _world->pool.inLine = false;
    _folder = Poco::TemporaryFile::tempName();
    _file = _folder + "/deep/patchbay.db";
    Poco::TemporaryFile::registerForDeletion(_folder);
  }
  void tearDown() override {
    _database.reset();
    _other.reset();
    _world.reset();
    Poco::File(_folder).exists() ? Poco::File(_folder).remove(true) : void();
  }

  void makesFileAndFolderForTheOwnerOnly() {
    open();
    CPPUNIT_ASSERT_EQUAL(0600u, modeOf(_file));
    CPPUNIT_ASSERT_EQUAL(0700u, modeOf(_folder + "/deep"));
    put("a", 1);
    _world->pool.run();
    CPPUNIT_ASSERT_EQUAL(0600u, modeOf(_file + "-wal"));  // WAL: and it holds the same secrets
  }

  void refusesUnknownUrl() {
    for (const char* url : {"mysql://localhost/x", "postgres://u@h/d", "sqlite:", "sqlite:/x?sync=sometimes", "sqlite:/x?queue=1",
                            "sqlite:/x?queue=many", "sqlite:/x?busy=", "", "/x"})
      CPPUNIT_ASSERT_THROW_MESSAGE(url, Database::make(url, *_world), Poco::InvalidArgumentException);
  }

  void refusesNamesThatAreNoIdentifiers() {
    make();
    Table table = phones();
    table.name = "x; DROP TABLE y";
    CPPUNIT_ASSERT(_database->open(table).kind == Failure::Kind::schema);
    table = phones();
    table.columns[1].name = "a\"b";
    CPPUNIT_ASSERT(_database->open(table).kind == Failure::Kind::schema);
    table = phones();
    table.key = {"nobody"};
    CPPUNIT_ASSERT(_database->open(table).kind == Failure::Kind::schema);
  }

  void refusesNewerAndOlderTable() {
    open();
    Table table = phones();
    table.version = 2;
    assertRefused(table, "newer program");
    table.version = 4;
    assertRefused(table, "upgrades are explicit");
  }

  void refusesTableWithoutVersionOrColumn() {
    open();
    sql("CREATE TABLE stray (name TEXT)");
    Table table = phones();
    table.name = "stray";
    assertRefused(table, "table 'version'");
    sql("INSERT INTO version VALUES ('stray', 3)");
    assertRefused(table, "no column 'port'");
  }

  /// As Kamailio's table `address` is.
  void writesATableWithoutItsKey() {
    open();
    sql("CREATE TABLE keyless (id INTEGER PRIMARY KEY, name TEXT, port INTEGER, weight REAL, note TEXT, seen DATETIME, more TEXT)");
    Table table = phones();
    table.name = "keyless";
    table.oldest = 1;
    table.newest = 9;
    CPPUNIT_ASSERT(!_database->open(table));
    for (int64_t port = 1; port <= 3; ++port) {
      _database->upsert(table, {"a"s, port, {}, {}, {}});
      _database->upsert(table, {"b"s, port, {}, {}, {}});
      _world->pool.run();
    }
    _database->remove(table, {"b"s});
    _world->pool.run();
    std::vector<Row> rows;
    CPPUNIT_ASSERT(!_database->read(table, [&](const Row& row) { rows.push_back(row); }));
    CPPUNIT_ASSERT_EQUAL(size_t{1}, rows.size());
    CPPUNIT_ASSERT(rows[0][1] == Field(int64_t{3}));
  }

  void refusesDamagedFile() {
    Poco::File(_folder + "/deep").createDirectories();
    std::ofstream(_file) << std::string(8192, 'x');
    make();
    assertRefused(phones(), "no SQLite database");
  }

  void saysWhyFileCannotBeMade() {
    std::ofstream(_folder) << "a file where the folder should be";
    make();
    const Failure failure = _database->open(phones());
    CPPUNIT_ASSERT(failure.kind == Failure::Kind::unreachable);
    CPPUNIT_ASSERT_MESSAGE(failure.text, failure.text.find(_folder) != std::string::npos);
  }

  /// A18, A28: text of any octets is data, never SQL, and comes back whole.
  void keepsHostileOctets() {
    open();
    std::string all;
    for (int octet = 0; octet < 256; ++octet) all += static_cast<char>(octet);
    const std::vector<std::string> names{"'; DROP TABLE phones; --", "a\"b'c\\d%_?:1", "nul\0in the middle"s, "\xff\xfe\x80", all, "",
                                         std::string(20000, 'x')};
    for (const auto& name : names) put(name, 5, Field(name));
    _world->pool.run();
    std::map<std::string, std::string> found;
    CPPUNIT_ASSERT(!_database->read(_table, [&](const Row& row) { found[std::get<std::string>(row[0])] = std::get<std::string>(row[3]); }));
    CPPUNIT_ASSERT_EQUAL(names.size(), found.size());
    for (const auto& name : names) CPPUNIT_ASSERT_EQUAL(name, found.at(name));
  }

  void keepsNullAndPutsDefaultWhereNullMayNotBe() {
    open();
    _database->upsert(_table, {"x"s, {}, {}, {}, {}});
    _database->upsert(_table, {"short"s, int64_t{-7}});
    _world->pool.run();
    const auto rows = all();
    CPPUNIT_ASSERT(rows.at("x")[1] == Field(int64_t{0}));
    CPPUNIT_ASSERT(std::holds_alternative<std::monostate>(rows.at("x")[2]));
    CPPUNIT_ASSERT(std::holds_alternative<std::monostate>(rows.at("x")[3]));
    CPPUNIT_ASSERT(rows.at("x")[4] == Field("2000-01-01 00:00:00"s));
    CPPUNIT_ASSERT(rows.at("short")[1] == Field(int64_t{-7}));
  }

  void readsRowsOfOneValue() {
    open();
    for (int i = 0; i < 1000; ++i) put("n" + std::to_string(i), i % 3);
    _world->pool.run();
    size_t count = 0;
    CPPUNIT_ASSERT(!_database->read(
        _table, [&](const Row& row) { count += row[1] == Field(int64_t{2}); }, "port", int64_t{2}));
    CPPUNIT_ASSERT_EQUAL(size_t{333}, count);
    CPPUNIT_ASSERT(_database
                       ->read(
                           _table, [](const Row&) {}, "nothing")
                       .kind == Failure::Kind::schema);
  }

  void survivesReopening() {
    open();
    put("a", 1);
    _world->pool.run();
    _database.reset();
    open();
    CPPUNIT_ASSERT_EQUAL(size_t{1}, all().size());
  }

  void queriesFromAWorker() {
    open();
    put("a", 1, Field("x"s));
    put("b", 1);
    _world->pool.run();
    std::vector<std::string> names;
    Runtime::Worker* at = nullptr;
    const auto ask = [&](std::vector<std::string> columns, Row values) {
      _world->workers.at(1).as([&] {
        _database->query(_table, columns, values, [&](Result&& result) {
          CPPUNIT_ASSERT(!result.failure);
          at = Runtime::Worker::current();
          for (const auto& row : result.rows) names.push_back(std::get<std::string>(row[0]));
        });
      });
      CPPUNIT_ASSERT(names.empty());
      _world->turn();
      _world->pool.run();
      CPPUNIT_ASSERT(names.empty());
      _world->turn();
    };
    ask({"port", "note"}, {int64_t{1}, {}});
    CPPUNIT_ASSERT_EQUAL(size_t{1}, names.size());
    CPPUNIT_ASSERT_EQUAL("b"s, names[0]);
    CPPUNIT_ASSERT(at == &_world->workers.at(1));
  }

  void questionsOfOneTurnAreOneQuery() {
    open();
    for (int i = 0; i < 100; ++i) put("n" + std::to_string(i), i);
    _world->pool.run();
    std::map<int, std::vector<Row>> found;
    const auto ask = [&](int i) {
      _database->query(_table, {"name"}, {"n" + std::to_string(i)}, [&found, i](Result&& result) { found[i] = result.rows; });
    };
    _world->workers.at(1).as([&] {
      for (int i = 0; i < 150; ++i) ask(i);
    });
    ask(3);  // on another worker, and nobody has taken the others yet
    _world->turn();
    _world->pool.run();
    _world->turn();
    CPPUNIT_ASSERT_EQUAL(size_t{150}, found.size());
    for (int i = 0; i < 150; ++i) CPPUNIT_ASSERT_EQUAL(size_t{i < 100}, found[i].size());
    for (int i = 0; i < 100; ++i) CPPUNIT_ASSERT(found[i][0][1] == Field(int64_t{i}));
    CPPUNIT_ASSERT_EQUAL(3.0, counter("data_queries_total"));  // of 64 at most
    CPPUNIT_ASSERT_EQUAL(151.0, counter("data_asked_total"));
  }

  /// J06: whoever asks has his answer in time, whatever the database does, and then no second one.
  void answersInTimeAndOnce() {
    open();
    std::vector<Failure::Kind> answers;
    _database->query(_table, {"name"}, {"a"s}, [&](Result&& result) { answers.push_back(result.failure.kind); });
    _world->turn();
    _world->advance(std::chrono::milliseconds(1999));
    CPPUNIT_ASSERT(answers.empty());
    _world->advance(std::chrono::milliseconds(1));
    CPPUNIT_ASSERT((answers == std::vector<Failure::Kind>{Failure::Kind::timeout}));
    CPPUNIT_ASSERT_EQUAL(1.0, counter("data_query_timeouts_total"));
    _world->pool.run();
    _world->turn();
    CPPUNIT_ASSERT_EQUAL(size_t{1}, answers.size());
  }

  /// Another program that opens and closes the file would else take itself for the last one, and remove the log that we write to.
  void keepsItsLockWhenMoreTablesAreOpened() {
    open();
    CPPUNIT_ASSERT(isLocked());
    Table more = _table;
    more.name = "more";
    CPPUNIT_ASSERT(!_database->open(more));
    CPPUNIT_ASSERT(isLocked());
    {
      FakeEnvironment other;
      const auto beside = Database::make("sqlite:" + _file, other);
      CPPUNIT_ASSERT(!beside->open(_table));
    }
    CPPUNIT_ASSERT(isLocked());
  }

  void commitsWhatWaitsTogether() {
    open();
    int committed = 0;
    for (int i = 0; i < 100; ++i) put(std::to_string(i), i, {}, &committed);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _world->pool.submitted);
    CPPUNIT_ASSERT_EQUAL(size_t{100}, _database->waiting());
    _world->pool.run();
    CPPUNIT_ASSERT_EQUAL(1.0, counter("data_commits_total"));
    CPPUNIT_ASSERT_EQUAL(100.0, counter("data_rows_total"));
    CPPUNIT_ASSERT_EQUAL(size_t{100}, all().size());
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _database->waiting());
    _world->turn();
    CPPUNIT_ASSERT_EQUAL(100, committed);
    for (int i = 0; i < 300; ++i) put(std::to_string(i), i);
    _world->pool.run();
    put("alone", 1);
    _world->pool.run();
    CPPUNIT_ASSERT_EQUAL(size_t{301}, all().size());  // groups of any size through one statement
  }

  void writesOnlyTheLastOfAKey() {
    open();
    int committed = 0;
    for (int i = 0; i < 10; ++i) put("same", i, {}, &committed);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _database->waiting());
    _world->pool.run();
    _world->turn();
    CPPUNIT_ASSERT_EQUAL(10, committed);
    CPPUNIT_ASSERT_EQUAL(1.0, counter("data_rows_total"));
    CPPUNIT_ASSERT(all().at("same")[1] == Field(int64_t{9}));
  }

  void removesAfterUpsertAndBack() {
    open();
    put("gone", 1);
    put("back", 1);
    _world->pool.run();
    _database->remove(_table, {"gone"s});
    _database->remove(_table, {"back"s});
    put("back", 2);
    put("never", 1);
    _database->remove(_table, {"never"s});
    _world->pool.run();
    CPPUNIT_ASSERT_EQUAL(size_t{1}, all().size());
    CPPUNIT_ASSERT(all().at("back")[1] == Field(int64_t{2}));
  }

  void tellsEachWorkerOnceACommit() {
    open();
    int committed = 0;
    for (int i = 0; i < 50; ++i) _world->workers.at(static_cast<size_t>(i % 2)).as([&] { put(std::to_string(i), i, {}, &committed); });
    _world->pool.run();
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _world->workers.at(0).posts);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _world->workers.at(1).posts);
    CPPUNIT_ASSERT_EQUAL(0, committed);  // on its own turn only
    _world->workers.at(0).turn();
    CPPUNIT_ASSERT_EQUAL(25, committed);
    _world->workers.at(1).turn();
    CPPUNIT_ASSERT_EQUAL(50, committed);
  }

  /// J07: nothing is dropped while somebody else holds the database.
  void retriesWhileTheDatabaseIsLocked() {
    open("?busy=10");
    other().begin();
    sql("UPDATE version SET table_version = table_version");
    int committed = 0, failed = 0;
    put("a", 1, {}, &committed, &failed);
    _world->pool.run();
    _world->turn();
    CPPUNIT_ASSERT_EQUAL(1, failed);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _database->waiting());
    other().rollback();
    _world->turn();
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _database->waiting());  // not before its pause is over
    CPPUNIT_ASSERT(_world->workers.at(0).wokenBy.has_value());
    _world->clock.move(std::chrono::milliseconds(100));
    _world->turn();
    _world->pool.run();
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _database->waiting());
    CPPUNIT_ASSERT_EQUAL(size_t{1}, all().size());
    CPPUNIT_ASSERT_EQUAL(0, committed);  // told once, with the failure
  }

  /// J07: SQLite would write on into a file without a name, and the next start would not find it.
  void takesNothingIntoARemovedFile() {
    open();
    Poco::File(_file).renameTo(_file + ".away");
    int committed = 0, failed = 0;
    put("a", 1, {}, &committed, &failed);
    _world->pool.run();
    _world->turn();
    CPPUNIT_ASSERT_EQUAL(1, failed);
    std::ofstream(_file) << "";  // another file of the name is not the same
    _world->clock.move(std::chrono::milliseconds(100));
    _world->turn();
    _world->pool.run();
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _database->waiting());
    Poco::File(_file + ".away").renameTo(_file);
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _database->flush(std::chrono::seconds(5)));
    CPPUNIT_ASSERT_EQUAL(size_t{1}, all().size());
  }

  void keepsNewerChangeWhenOlderGroupFails() {
    open();
    sql("ALTER TABLE phones RENAME TO away");
    int committed = 0, failed = 0;
    put("a", 1, {}, &committed, &failed);
    put("b", 1, {}, &committed, &failed);
    _world->pool.run();
    put("a", 2, {}, &committed, &failed);
    sql("ALTER TABLE away RENAME TO phones");
    _world->clock.move(std::chrono::seconds(1));
    _world->turn();
    _world->pool.run();
    _world->turn();
    CPPUNIT_ASSERT_EQUAL(2, failed);
    CPPUNIT_ASSERT_EQUAL(1, committed);
    CPPUNIT_ASSERT(all().at("a")[1] == Field(int64_t{2}));
    CPPUNIT_ASSERT(all().at("b")[1] == Field(int64_t{1}));
  }

  void refusedRowDoesNotHoldUpOthers() {
    open();
    sql("CREATE TRIGGER guard BEFORE INSERT ON phones WHEN new.port = 13 BEGIN SELECT RAISE(ABORT, 'unlucky'); END");
    int committed = 0, failed = 0;
    for (int i = 10; i < 20; ++i) put(std::to_string(i), i, {}, &committed, &failed);
    _world->pool.run();
    _world->turn();
    CPPUNIT_ASSERT_EQUAL(9, committed);
    CPPUNIT_ASSERT_EQUAL(1, failed);
    CPPUNIT_ASSERT_EQUAL(size_t{9}, all().size());
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _database->waiting());
  }

  void flushesWhatWaits() {
    open("?busy=10");
    other().begin();
    sql("UPDATE version SET table_version = table_version");
    put("a", 1);
    _world->pool.run();
    other().rollback();
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _database->flush(std::chrono::seconds(5)));  // does not wait for the pause
    CPPUNIT_ASSERT_EQUAL(size_t{1}, all().size());
  }

  void flushGivesUpAtItsDeadline() {
    open("?busy=10");
    other().begin();
    sql("UPDATE version SET table_version = table_version");
    put("a", 1);
    put("b", 1);
    _world->pool.run();
    CPPUNIT_ASSERT_EQUAL(size_t{2}, _database->flush(std::chrono::milliseconds(20)));
    other().rollback();
  }

  /// The virtual world: everything happens within the call, but for `committed`.
  void worksInLine() {
    _world->pool.inLine = true;
    open();
    int committed = 0;
    _world->workers.at(0).as([&] {
      put("a", 1, {}, &committed);
      CPPUNIT_ASSERT_EQUAL(size_t{1}, all().size());
      CPPUNIT_ASSERT_EQUAL(0, committed);
    });
    _world->turn();
    CPPUNIT_ASSERT_EQUAL(1, committed);
  }

  void worksInMemory() {
    _file = ":memory:";
    open();
    put("a", 1);
    sqlFails();
    _world->pool.run();
    CPPUNIT_ASSERT_EQUAL(size_t{1}, all().size());
  }

  void writesMoreThanAGroup() {
    open("?sync=full");
    for (int i = 0; i < 1300; ++i) put(std::to_string(i), i);
    _world->pool.run();
    CPPUNIT_ASSERT_EQUAL(3.0, counter("data_commits_total"));
    CPPUNIT_ASSERT_EQUAL(size_t{1300}, all().size());
  }

  /// A change is committed when all up to its number are, whatever became of it on the way.
  void numbersChangesInTheOrderOfTheirCommit() {
    open();
    CPPUNIT_ASSERT_EQUAL(uint64_t{0}, _database->lastQueued());
    put("a", 1);
    put("b", 1);
    put("a", 2);  // takes the place of the first
    CPPUNIT_ASSERT_EQUAL(uint64_t{3}, _database->lastQueued());
    CPPUNIT_ASSERT_EQUAL(uint64_t{0}, _database->committedUpTo());
    sql("ALTER TABLE phones RENAME TO away");
    _world->pool.run();
    put("c", 1);
    put("a", 3);  // the first one is not there yet, so neither may be counted as committed
    CPPUNIT_ASSERT_EQUAL(uint64_t{0}, _database->committedUpTo());
    sql("ALTER TABLE away RENAME TO phones");
    _world->clock.move(std::chrono::seconds(1));
    _world->turn();
    _world->pool.run();
    CPPUNIT_ASSERT_EQUAL(uint64_t{5}, _database->lastQueued());
    CPPUNIT_ASSERT_EQUAL(uint64_t{5}, _database->committedUpTo());
    CPPUNIT_ASSERT(all().at("a")[1] == Field(int64_t{3}));
  }

  /// What is changed while its group is written and fails: the newer one inherits the number.
  void newerChangeInheritsTheNumberOfAFailedOne() {
    open();
    put("a", 1);
    put("b", 1);
    _database->watch([&](const Failure& failure) {
      if (!failure) return;
      put("c", 1);
      put("a", 2);
    });
    sql("ALTER TABLE phones RENAME TO away");
    _world->pool.run();
    CPPUNIT_ASSERT_EQUAL(size_t{3}, _database->waiting());
    CPPUNIT_ASSERT_EQUAL(uint64_t{0}, _database->committedUpTo());
    sql("ALTER TABLE away RENAME TO phones");
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _database->flush(std::chrono::seconds(5)));
    CPPUNIT_ASSERT_EQUAL(uint64_t{4}, _database->committedUpTo());
    CPPUNIT_ASSERT(all().at("a")[1] == Field(int64_t{2}));
  }

  /// Bounded, with a clear answer; a key that waits already may change again.
  void fullQueueRefusesOtherKeys() {
    open("?queue=512");
    int committed = 0, failed = 0;
    for (int i = 0; i < 600; ++i) put(std::to_string(i), 1, {}, &committed, &failed);
    CPPUNIT_ASSERT_EQUAL(size_t{512}, _database->waiting());
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _database->room());
    CPPUNIT_ASSERT_EQUAL(0, failed);  // never within the call
    put("0", 2, {}, &committed, &failed);
    _world->turn();
    CPPUNIT_ASSERT_EQUAL(88, failed);
    CPPUNIT_ASSERT_EQUAL(88.0, counter("data_refused_total"));
    _world->pool.run();
    _world->turn();
    CPPUNIT_ASSERT_EQUAL(513, committed);
    CPPUNIT_ASSERT_EQUAL(size_t{512}, _database->room());
    CPPUNIT_ASSERT(all().at("0")[1] == Field(int64_t{2}));
  }

  /// For /readyz.
  void tellsWhenItBeginsAndEndsToRefuse() {
    open();
    std::vector<bool> told;
    _database->watch([&](const Failure& failure) { told.push_back(bool{failure}); });
    put("a", 1);
    _world->pool.run();
    CPPUNIT_ASSERT(told.empty());
    sql("ALTER TABLE phones RENAME TO away");
    put("a", 2);
    _world->pool.run();
    CPPUNIT_ASSERT((told == std::vector<bool>{true}));
    sql("ALTER TABLE away RENAME TO phones");
    CPPUNIT_ASSERT_EQUAL(size_t{0}, _database->flush(std::chrono::seconds(5)));
    CPPUNIT_ASSERT((told == std::vector<bool>{true, false}));
  }

 private:
  double counter(const std::string& name) const {
    for (const auto& family : _world->metrics.read())
      if (family.name == name) return family.samples.at(0).value;
    return -1;
  }
  /// As another process sees it: SQLite's shared lock.
  bool isLocked() const {
    const pid_t child = ::fork();
    if (child == 0) {
      struct flock lock {};
      lock.l_type = F_WRLCK;
      lock.l_whence = SEEK_SET;
      lock.l_start = 0x40000002;
      lock.l_len = 510;
      const int file = ::open(_file.c_str(), O_RDWR | O_CLOEXEC);
      ::_exit(file >= 0 && ::fcntl(file, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK ? 1 : 0);
    }
    int status = 0;
    CPPUNIT_ASSERT(child > 0 && ::waitpid(child, &status, 0) == child && WIFEXITED(status));
    return WEXITSTATUS(status) == 1;
  }
  void make(const std::string& options = {}) { _database = Database::make("sqlite:" + _file + options, *_world); }
  void open(const std::string& options = {}) {
    make(options);
    const Failure failure = _database->open(_table);
    CPPUNIT_ASSERT_MESSAGE(failure.text, !failure);
  }
  void put(const std::string& name, int port, Field note = {}, int* committed = nullptr, int* failed = nullptr) {
    Database::Committed done;
    if (committed) done = [committed, failed](const Failure& failure) { ++(failure && failed ? *failed : *committed); };
    _database->upsert(_table, {name, int64_t{port}, {}, std::move(note), "2026-01-31 12:00:00"s}, done);
  }
  std::map<std::string, Row> all() {
    std::map<std::string, Row> rows;
    const Failure failure = _database->read(_table, [&](const Row& row) { rows[std::get<std::string>(row[0])] = row; });
    CPPUNIT_ASSERT_MESSAGE(failure.text, !failure);
    return rows;
  }
  /// A second program on the same file.
  Poco::Data::Session& other() {
    if (!_other) {
      Poco::Data::SQLite::Connector::registerConnector();
      _other = std::make_unique<Poco::Data::Session>("SQLite", _file);
    }
    return *_other;
  }
  void sql(const std::string& statement) { other() << statement, Poco::Data::Keywords::now; }
  /// A query on a closed statement cannot harm the rows in memory.
  void sqlFails() {
    Table unknown = phones();
    unknown.version = 9;
    CPPUNIT_ASSERT(_database->open(unknown).kind == Failure::Kind::schema);
  }
  void assertRefused(const Table& table, const std::string& why) {
    const Failure failure = _database->open(table);
    CPPUNIT_ASSERT(failure.kind == Failure::Kind::schema);
    CPPUNIT_ASSERT_MESSAGE(failure.text, failure.text.find(why) != std::string::npos);
    CPPUNIT_ASSERT_MESSAGE(failure.text, failure.text.find(_file) != std::string::npos);
  }
  static unsigned modeOf(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 0777u : 0u;
  }

  std::unique_ptr<FakeEnvironment> _world;
  std::unique_ptr<Database> _database;
  std::unique_ptr<Poco::Data::Session> _other;
  std::string _folder, _file;
  const Table _table = phones();
};

CPPUNIT_TEST_SUITE_REGISTRATION(SqliteDatabaseTest);

class TimeTextTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(TimeTextTest);
  CPPUNIT_TEST(writesAndReadsUtc);
  CPPUNIT_TEST(refusesWhatIsNoTime);
  CPPUNIT_TEST_SUITE_END();

 public:
  void writesAndReadsUtc() {
    const Runtime::WallTime time(std::chrono::seconds(1769860800));
    CPPUNIT_ASSERT_EQUAL("2026-01-31 12:00:00"s, timeText(time));
    CPPUNIT_ASSERT(timeOf("2026-01-31 12:00:00") == time);
    CPPUNIT_ASSERT(timeOf("2026-01-31T12:00:00") == time);
    CPPUNIT_ASSERT_EQUAL("1969-12-31 23:59:59"s, timeText(Runtime::WallTime(std::chrono::seconds(-1))));
  }
  void refusesWhatIsNoTime() {
    for (const char* text :
         {"", "now", "2026-02-30 12:00:00", "2026-01-31 24:00:00", "2026-01-31", "2026-1-31 12:00:00", "2o26-01-31 12:00:00"})
      CPPUNIT_ASSERT_MESSAGE(text, !timeOf(text));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TimeTextTest);

}  // namespace

}  // namespace Patchbay::Data
