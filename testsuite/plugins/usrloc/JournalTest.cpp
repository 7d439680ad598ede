#include <Poco/Exception.h>

#include "JournalRecord.h"
#include "LocationTest.h"
#include "Segments.h"
#include "TemporaryFolder.h"

namespace Patchbay::Testsuite {

namespace {

using Usrloc::JournalRecord;
using Usrloc::Segments;

/// The journal of db_mode 2: what is there after a crash, whatever the disk did before it.
class JournalTest : public LocationTest {
  CPPUNIT_TEST_SUITE(JournalTest);
  CPPUNIT_TEST(changesSurviveAKillAfterTheWindow);
  CPPUNIT_TEST(replaysOverWhatTheDatabaseHolds);
  CPPUNIT_TEST(keepsEveryField);
  CPPUNIT_TEST(isEmptiedWhenTheDatabaseHasItAll);
  CPPUNIT_TEST(isNotEmptiedBeforeTheDatabaseHasIt);
  CPPUNIT_TEST(orderlyEndLeavesNone);
  CPPUNIT_TEST(orderlyEndWithADeadDatabaseLosesNothing);
  CPPUNIT_TEST(expiredOnesAreNotReplayed);
  CPPUNIT_TEST(writeThroughTakesItOver);
  CPPUNIT_TEST(writeThroughWithADeadDatabaseDoesNotStart);
  CPPUNIT_TEST(startsWithTheValidPrefixAtEveryLength);
  CPPUNIT_TEST(startsWithTheValidPrefixWhicheverOctetIsWrong);
  CPPUNIT_TEST(keepsADamagedFile);
  CPPUNIT_TEST(refusesANewerVersion);
  CPPUNIT_TEST(refusesWhatItCannotRead);
  CPPUNIT_TEST(failedStartKeepsIt);
  CPPUNIT_TEST(secondServerIsRefused);
  CPPUNIT_TEST(keepsItsWordWhicheverStepFails);
  CPPUNIT_TEST(keepsItsWordWhereverItIsKilled);
  CPPUNIT_TEST(fullDiskIsSaidAndSurvived);
  CPPUNIT_TEST(fullDiskLeavesNoOldJournal);
  CPPUNIT_TEST(failedSyncIsFatalForTheFile);
  CPPUNIT_TEST(syncedChangesSurviveAPowerCut);
  CPPUNIT_TEST(fullJournalIsSaid);
  CPPUNIT_TEST(databaseWithoutRoomLosesNothing);
  CPPUNIT_TEST(payloadThatMakesNoSenseIsDamage);
  CPPUNIT_TEST_SUITE_END();

 public:
  void setUp() override {
    files = std::make_unique<FakeFiles>();
    diary.keeps = false;
  }

  /// J02, R2
  void changesSurviveAKillAfterTheWindow() {
    begin(slowDatabase);
    put("joe@x", contact("sip:1"));
    put("joe@x", contact("sip:2"));
    put("ann@x", contact("sip:3"));
    host->environment_.advance(100ms);
    remove("joe@x", "sip:1");
    put("ann@x", contact("sip:4"));
    host->environment_.advance(100ms);
    put("ann@x", contact("sip:5"));  // too late
    crash();
    CPPUNIT_ASSERT(database.rows.empty());
    begin(slowDatabase);
    CPPUNIT_ASSERT_EQUAL("sip:2"s, uris("joe@x"));
    CPPUNIT_ASSERT_EQUAL("sip:3 sip:4"s, uris("ann@x"));
    CPPUNIT_ASSERT_EQUAL(3.0, host->value("usrloc_contacts", {{"table", "location"}}));
    crash();  // once more, with nothing written since
    begin(slowDatabase);
    CPPUNIT_ASSERT_EQUAL("sip:3 sip:4"s, uris("ann@x"));
  }

  void replaysOverWhatTheDatabaseHolds() {
    Data::Row row(22);
    for (const auto& [at, text] :
         std::map<size_t, std::string>{{0, "uloc-1"}, {1, "kam"}, {2, "x"}, {3, "sip:k"}, {6, "2030-05-28 21:32:15"}})
      row[at] = text;
    database.rows["uloc-1"] = database.durable["uloc-1"] = row;
    begin({{"db_mode", "2"}});
    put("joe@x", contact("sip:1"));
    put("joe@x", contact("sip:2"));
    host->environment_.advance(3s);
    database.commit();
    CPPUNIT_ASSERT_EQUAL(size_t{3}, database.durable.size());
    put("joe@x", contact("sip:1", 300s));
    remove("joe@x", "sip:2");
    put("kam@x", contact("sip:k", 400s));
    put("new@x", contact("sip:n"));
    remove("new@x", "sip:n");
    host->environment_.advance(100ms);
    crash();
    begin({{"db_mode", "2"}});
    look("joe@x", [&](const Contact& found) { CPPUNIT_ASSERT_EQUAL(std::string_view("sip:1"), found.uri); });
    CPPUNIT_ASSERT_EQUAL(""s, uris("new@x"));
    host->environment_.advance(3s);
    database.commit();
    CPPUNIT_ASSERT_EQUAL(size_t{2}, database.durable.size());  // the same rows as before, and no other
    CPPUNIT_ASSERT_EQUAL(size_t{1}, database.durable.count("uloc-1"));
    CPPUNIT_ASSERT(database.durable["uloc-1"][6] == Data::Field("2026-01-01 00:06:43"s));
  }

  void keepsEveryField() {
    begin(slowDatabase);
    Contact given = contact("sip:joe@192.0.2.1", 3600500ms);
    given.received = "sip:192.0.2.9:1024";
    given.path = "<sip:p1;lr>";
    const std::string callId = "a\0b"s;
    given.callId = callId;
    given.userAgent = "\xff\x80 phone";
    given.instance = "<urn:uuid:1>";
    given.regId = 7;
    given.cseq = 0x7fffffff;
    given.q = 250;
    given.methods = 0x7ffe;
    given.flags = 0xffff0000ffff0000;
    put("joe@x", given);
    Contact gateway = contact("sip:gw");
    gateway.permanent = true;
    gateway.q = Contact::noQ;
    put("x", gateway);
    host->environment_.advance(100ms);
    crash();
    begin(slowDatabase);
    look("joe@x", [&](const Contact& found) {
      CPPUNIT_ASSERT(found.received == given.received && found.path == given.path && found.callId == given.callId &&
                     found.uri == given.uri);
      CPPUNIT_ASSERT(found.userAgent == given.userAgent && found.instance == given.instance && found.expires == given.expires);
      CPPUNIT_ASSERT(found.regId == given.regId && found.cseq == given.cseq && found.q == given.q && found.methods == given.methods);
      CPPUNIT_ASSERT(found.flags == given.flags && found.modified == given.modified && !found.permanent);
    });
    look("x", [](const Contact& found) { CPPUNIT_ASSERT(found.permanent && found.q == Contact::noQ); });
  }

  void isEmptiedWhenTheDatabaseHasItAll() {
    begin({{"db_mode", "2"}});
    for (int i = 0; i < 100; ++i) put("u" + std::to_string(i) + "@x", contact("sip:1", 1h));
    host->environment_.advance(100ms);
    CPPUNIT_ASSERT(host->value("usrloc_journal_octets", {{"table", "location"}}) > 5000);
    for (int i = 0; i < 30; ++i) {
      host->environment_.advance(1s);
      database.commit();
    }
    CPPUNIT_ASSERT_EQUAL(0.0, host->value("usrloc_journal_octets", {{"table", "location"}}));
    CPPUNIT_ASSERT(files->contents.empty());
    crash();
    begin({{"db_mode", "2"}});
    CPPUNIT_ASSERT_EQUAL(size_t{100}, table->size());
  }

  /// J05 for this table: an outage of the database for ten minutes.
  void isNotEmptiedBeforeTheDatabaseHasIt() {
    begin({{"db_mode", "2"}});
    for (int i = 0; i < 600; ++i) {
      put("u" + std::to_string(i % 50) + "@x", contact("sip:" + std::to_string(i), 2h));
      host->environment_.advance(1s);
      database.commit({Data::Failure::Kind::unreachable, "gone"});
    }
    crash();
    CPPUNIT_ASSERT(database.rows.empty());
    begin({{"db_mode", "2"}});
    CPPUNIT_ASSERT_EQUAL(size_t{600}, table->size());
    host->environment_.advance(3s);
    database.commit();
    CPPUNIT_ASSERT_EQUAL(size_t{600}, database.durable.size());  // none lost, none doubled
    host->environment_.advance(30s);
    CPPUNIT_ASSERT(files->contents.empty());
  }

  void orderlyEndLeavesNone() {
    begin(slowDatabase);
    put("joe@x", contact("sip:1"));
    host->environment_.advance(100ms);
    put("joe@x", contact("sip:2"));
    CPPUNIT_ASSERT_EQUAL(size_t{1}, files->contents.size());
    end();
    CPPUNIT_ASSERT(files->contents.empty());
    CPPUNIT_ASSERT_EQUAL(size_t{2}, database.durable.size());
  }

  void orderlyEndWithADeadDatabaseLosesNothing() {
    begin(slowDatabase);
    put("joe@x", contact("sip:1"));
    database.failure = {Data::Failure::Kind::unreachable, "gone"};
    end();
    database.crash();
    database.failure = {};
    CPPUNIT_ASSERT(database.rows.empty());
    begin(slowDatabase);
    CPPUNIT_ASSERT_EQUAL("sip:1"s, uris("joe@x"));
  }

  void expiredOnesAreNotReplayed() {
    begin({{"db_mode", "2"}});
    put("joe@x", contact("sip:1", 60s));
    put("ann@x", contact("sip:2", 60s));
    host->environment_.advance(2s);
    database.commit();
    put("joe@x", contact("sip:1", 61s));
    put("ann@x", contact("sip:2", 600s));
    host->environment_.advance(100ms);
    crash();
    age += 100s;
    begin({{"db_mode", "2"}});
    CPPUNIT_ASSERT_EQUAL(""s, uris("joe@x"));
    CPPUNIT_ASSERT_EQUAL("sip:2"s, uris("ann@x"));
    CPPUNIT_ASSERT_EQUAL(size_t{1}, table->size());
  }

  void writeThroughTakesItOver() {
    begin(slowDatabase);
    put("joe@x", contact("sip:1"));
    host->environment_.advance(100ms);
    crash();
    begin({{"db_mode", "1"}});
    CPPUNIT_ASSERT_EQUAL("sip:1"s, uris("joe@x"));
    CPPUNIT_ASSERT_EQUAL(size_t{1}, database.durable.size());
    CPPUNIT_ASSERT(files->contents.empty());
  }

  /// Its own changes would not be journalled, and the next start would put older ones over them.
  void writeThroughWithADeadDatabaseDoesNotStart() {
    begin(slowDatabase);
    put("joe@x", contact("sip:1"));
    host->environment_.advance(100ms);
    crash();
    struct Refusing : FakeDatabase {
      size_t flush(Runtime::Duration) override { return waiting(); }
    } refusing;
    CPPUNIT_ASSERT_THROW(begin({{"db_mode", "1"}}, &refusing), Poco::DataException);
    plugin->stop();
    plugin.reset();
    CPPUNIT_ASSERT_EQUAL(size_t{1}, files->contents.size());
  }

  /// J03, J04
  void startsWithTheValidPrefixAtEveryLength() {
    const std::string whole = journalOfFive();
    size_t before = 0;
    for (size_t length = 0; length <= whole.size(); ++length) {
      const size_t count = startsWith(whole.substr(0, length));
      CPPUNIT_ASSERT_MESSAGE(std::to_string(length), count == before || count == before + 1);
      before = count;
    }
    CPPUNIT_ASSERT_EQUAL(size_t{5}, before);
  }

  /// J04
  void startsWithTheValidPrefixWhicheverOctetIsWrong() {
    const std::string whole = journalOfFive();
    for (size_t at = 0; at < whole.size(); ++at) {
      for (const int bits : {0x01, 0x80, 0xff}) {
        std::string octets = whole;
        octets[at] = static_cast<char>(octets[at] ^ bits);
        CPPUNIT_ASSERT_MESSAGE(std::to_string(at), startsWith(octets) == (at < 24 ? 0 : (at - 24) * 5 / (whole.size() - 24)));
      }
    }
    CPPUNIT_ASSERT_EQUAL(size_t{0}, startsWith(std::string(5000, '\0')));
    CPPUNIT_ASSERT_EQUAL(size_t{5}, startsWith(whole + std::string(4096, '\0')));  // as some file systems leave it
  }

  void keepsADamagedFile() {
    std::string octets = journalOfFive();
    octets[octets.size() / 2] ^= 1;
    startsWith(octets);
    begin({{"db_mode", "2"}});
    put("joe@x", contact("sip:after"));
    for (int i = 0; i < 30; ++i) {
      host->environment_.advance(1s);
      database.commit();
    }
    CPPUNIT_ASSERT(std::vector{"location.journal.1.damaged"s} == files->names());
    CPPUNIT_ASSERT_EQUAL(octets, files->octets("location.journal.1.damaged"));
    end();
    begin({{"db_mode", "2"}});
    end();
  }

  /// J04
  void refusesANewerVersion() {
    std::string octets = "patchbay.journal";
    Usrloc::appendNumber(octets, Segments::Version + 1, 4);
    Usrloc::appendNumber(octets, Usrloc::checksum(octets), 4);
    files->contents["location.journal.1"] = std::make_shared<FakeFiles::Content>(FakeFiles::Content{octets, 0});
    try {
      begin({{"db_mode", "2"}});
      CPPUNIT_FAIL("started");
    } catch (const Poco::Exception& refusal) {
      CPPUNIT_ASSERT_MESSAGE(refusal.message(), refusal.message().find("has version 2, this program knows version 1") != std::string::npos);
    }
    plugin->stop();  // as the server does then
    CPPUNIT_ASSERT_EQUAL(octets, files->octets("location.journal.1"));
  }

  /// J03: what nobody could read is there for the next start.
  void failedStartKeepsIt() {
    journalOfFive();
    database.failure = {Data::Failure::Kind::unreachable, "gone"};
    CPPUNIT_ASSERT_THROW(begin(slowDatabase), Poco::DataException);
    end();
    auto settings = slowDatabase;
    settings["preload"] = "no";
    struct Unreadable : FakeDatabase {
      Data::Failure open(const Data::Table&) override { return {}; }
    } unreadable;
    unreadable.failure = database.failure;
    begin(settings, &unreadable);
    CPPUNIT_ASSERT(table->state() == Usrloc::Table::State::loading);
    unreadable.failure = {};
    end();
    database.failure = {};
    begin(slowDatabase);
    CPPUNIT_ASSERT_EQUAL(size_t{5}, table->size());
  }

  void refusesWhatItCannotRead() {
    journalOfFive();
    for (const size_t step : {1, 2, 3}) {  // lock, list, read
      files->steps = 0;
      files->fails = [step](size_t number) { return number == step; };
      CPPUNIT_ASSERT_THROW(begin({{"db_mode", "2"}}), Poco::Exception);
      end();
    }
    files->fails = {};
    CPPUNIT_ASSERT_EQUAL(size_t{1}, files->contents.size());
  }

  /// J15
  void secondServerIsRefused() {
    const TemporaryFolder folder;
    const auto real = Runtime::makeSystemFiles();
    auto first = std::make_unique<Segments>(*real, folder.path(), "location");
    first->lock();
    Segments second(*real, folder.path(), "location");
    try {
      second.lock();
      CPPUNIT_FAIL("locked twice");
    } catch (const Poco::FileException& refusal) {
      CPPUNIT_ASSERT(refusal.message().find("is held by another server") != std::string::npos);
    }
    Segments(*real, folder.path(), "aliases").lock();
    first.reset();
    second.lock();
  }

  /// J14: one step fails, at every place.
  void keepsItsWordWhicheverStepFails() {
    for (uint64_t seed = 1; seed <= Lives; ++seed) {
      size_t last = 1;
      for (size_t step = 1; step <= last; step += 1 + seed % 3) {
        last = std::max(last, play(
                                  seed, [step](size_t number) { return number == step; }, 250ms));
      }
      CPPUNIT_ASSERT(last > 40);
    }
  }

  /// J01 to J03: nothing reaches the disk any more from a step on; then the server is killed.
  void keepsItsWordWhereverItIsKilled() {
    for (uint64_t seed = 1; seed <= Lives; ++seed) {
      const size_t last = play(seed, {}, 100ms);
      for (size_t step = 1; step <= last; step += 1 + seed % 3)
        play(
            seed, [step](size_t number) { return number >= step; }, 100ms, true);
    }
  }

  void fullDiskIsSaidAndSurvived() {
    begin(slowDatabase);
    files->fails = [](size_t) { return true; };
    put("joe@x", contact("sip:1", 1h));
    host->environment_.advance(10s);
    put("joe@x", contact("sip:2", 1h));
    CPPUNIT_ASSERT_EQUAL("sip:1 sip:2"s, uris("joe@x"));
    CPPUNIT_ASSERT(stateOfJournal() == Admin::Health::State::degraded);
    CPPUNIT_ASSERT(host->value("usrloc_journal_failures_total") > 3);
    files->fails = {};
    host->environment_.advance(2100ms);
    CPPUNIT_ASSERT(stateOfJournal() == Admin::Health::State::ready);
    crash();
    begin(slowDatabase);
    CPPUNIT_ASSERT_EQUAL("sip:1 sip:2"s, uris("joe@x"));
  }

  /// What the journal could not be told the database has: nothing old is put over that at the next start.
  void fullDiskLeavesNoOldJournal() {
    begin({{"db_mode", "2"}});
    put("joe@x", contact("sip:1", 1h));
    host->environment_.advance(100ms);
    files->full = true;
    remove("joe@x", "sip:1");
    for (int i = 0; i < 5; ++i) {
      host->environment_.advance(1s);
      database.commit();
    }
    crash();
    begin({{"db_mode", "2"}});
    CPPUNIT_ASSERT_EQUAL(""s, uris("joe@x"));
    CPPUNIT_ASSERT(files->contents.empty());
  }

  /// J14: what comes after the error is in another file, and so is what the error was about.
  void failedSyncIsFatalForTheFile() {
    auto settings = slowDatabase;
    settings["journal_sync"] = "yes";
    begin(settings);
    put("joe@x", contact("sip:1", 1h));
    host->environment_.advance(100ms);
    const std::string name = files->names().at(0);
    files->fails = [at = files->steps + 2](size_t step) { return step == at; };  // append, sync
    put("joe@x", contact("sip:2", 1h));
    host->environment_.advance(60ms);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, files->failed);
    const std::string octets = files->octets(name);
    put("joe@x", contact("sip:3", 1h));
    host->environment_.advance(1s);
    CPPUNIT_ASSERT_EQUAL(octets, files->octets(name));
    files->octets(name).resize(files->contents.at(name)->synced);
    crash();
    begin(settings);
    CPPUNIT_ASSERT_EQUAL("sip:1 sip:2 sip:3"s, uris("joe@x"));
  }

  void syncedChangesSurviveAPowerCut() {
    for (const char* sync : {"yes", "no"}) {
      files = std::make_unique<FakeFiles>();
      auto settings = slowDatabase;
      settings["journal_sync"] = sync;
      begin(settings);
      put("joe@x", contact("sip:1"));
      host->environment_.advance(100ms);
      crash();
      files->cutPower();
      begin(settings);
      CPPUNIT_ASSERT_EQUAL(std::string(sync) == "yes" ? "sip:1"s : ""s, uris("joe@x"));
      crash();
    }
  }

  void fullJournalIsSaid() {
    auto settings = slowDatabase;
    settings["journal_size"] = "1MiB";
    begin(settings);
    for (int i = 0; i < 20000; ++i) {
      put("u" + std::to_string(i) + "@x", contact("sip:1", 1h));
      if (i % 100 == 0) host->environment_.advance(100ms);
    }
    CPPUNIT_ASSERT(host->value("usrloc_journal_octets", {{"table", "location"}}) <= 1 << 20);
    CPPUNIT_ASSERT(stateOfJournal() == Admin::Health::State::degraded);
    CPPUNIT_ASSERT_EQUAL(size_t{20000}, table->size());
    crash();
    begin({{"db_mode", "2"}});
    CPPUNIT_ASSERT(table->size() > 5000 && table->size() < 20000);
    for (int i = 0; i < 30; ++i) {
      host->environment_.advance(1s);
      database.commit();
    }
    CPPUNIT_ASSERT(files->contents.empty());
  }

  /// What the database's queue has no room for stays in the table's list, where several changes of a contact are one.
  void databaseWithoutRoomLosesNothing() {
    begin({{"db_mode", "2"}});
    database.most = 100;
    for (int i = 0; i < 1000; ++i) put("u" + std::to_string(i) + "@x", contact("sip:1", 1h));
    host->environment_.advance(30s);
    CPPUNIT_ASSERT(database.waiting() <= 100 + 63);
    for (int i = 0; i < 20; ++i) {
      database.commit();
      host->environment_.advance(1s);
    }
    CPPUNIT_ASSERT_EQUAL(size_t{1000}, database.rows.size());
    for (int i = 0; i < 1000; ++i) put("u" + std::to_string(i) + "@x", contact("sip:2", 1h));
    end();
    CPPUNIT_ASSERT_EQUAL(size_t{2000}, database.durable.size());
  }

  void payloadThatMakesNoSenseIsDamage() {
    const auto read = [](const std::string& payload) {
      std::string octets;
      Usrloc::appendNumber(octets, payload.size(), 4);
      Usrloc::appendNumber(octets, Usrloc::checksum(octets + payload), 4);
      octets += payload;
      std::string_view left = octets;
      JournalRecord record;
      return record.read(left);
    };
    std::string good = "\x01" + std::string(43 + 2 * 9, '\0');
    CPPUNIT_ASSERT(read(good) == JournalRecord::Read::good);
    CPPUNIT_ASSERT(read(good + "x") == JournalRecord::Read::damaged);
    for (size_t length = 0; length < good.size(); ++length) CPPUNIT_ASSERT(read(good.substr(0, length)) == JournalRecord::Read::damaged);
    good[0] = 3;
    CPPUNIT_ASSERT(read(good) == JournalRecord::Read::damaged);
    std::string_view huge = "\xff\xff\xff\xff....";
    CPPUNIT_ASSERT(JournalRecord().read(huge) == JournalRecord::Read::damaged);
  }

 private:
#if defined(__SANITIZE_THREAD__)
  static constexpr uint64_t Lives = 3;  // on one thread: nothing is to be found there, and it takes long
#else
  static constexpr uint64_t Lives = 20;
#endif
  /// What is here is in the journal only.
  const FakeHost::SettingsMap slowDatabase{{"db_mode", "2"}, {"write_interval", "1h"}};

  Admin::Health::State stateOfJournal() const {
    return host->health().entries().at("usrloc.location.journal").state;
  }

  /// Leaves a journal of five records of one length: contacts of u0@x to u4@x.
  std::string journalOfFive() {
    begin(slowDatabase);
    host->environment_.advance(100ms);
    for (int i = 0; i < 5; ++i) {
      put("u" + std::to_string(i) + "@x", contact("sip:1", 1h));
      host->environment_.advance(100ms);
    }
    crash();
    CPPUNIT_ASSERT(std::vector{"location.journal.1"s} == files->names());
    return files->octets("location.journal.1");
  }
  /// How many of the five contacts are there with this journal; the first ones, and no other. It is as before afterwards.
  size_t startsWith(const std::string& octets) {
    files->contents.clear();
    files->contents["location.journal.1"] = std::make_shared<FakeFiles::Content>(FakeFiles::Content{octets, octets.size()});
    begin(slowDatabase);
    size_t count = 0;
    while (count < 5 && !uris("u" + std::to_string(count) + "@x").empty()) ++count;
    CPPUNIT_ASSERT_EQUAL(count, table->size());
    crash();
    return count;
  }

  /// A life of 4 s with random changes of a few users, a database that commits, or fails, now and then; then a crash and a new start: each
  /// user has what he had at some moment not longer than `window` ago. `killed`: the crash comes with the first step that fails. How many
  /// steps the disk made.
  size_t play(uint64_t seed, const std::function<bool(size_t)>& fails, Runtime::Duration window, bool killed = false) {
    files = std::make_unique<FakeFiles>();
    database = {};
    age = {};
    const auto random = Runtime::makeSeededRandom(seed);
    begin({{"db_mode", "2"}, {"write_interval", "300ms"}, {"journal_sync", seed % 2 ? "yes" : "no"}});
    files->steps = 0;
    files->fails = fails;
    struct State {
      Runtime::Instant from;
      std::string uris;
    };
    std::map<std::string, std::vector<State>> history;
    for (int turn = 0; turn < 160; ++turn) {
      host->environment_.advance(25ms);
      if (killed && files->failed != 0) break;
      const std::string aor = "u" + std::to_string(random->next() % 6) + "@x";
      const std::string uri = "sip:" + std::to_string(random->next() % 3);
      if (random->next() % 3 == 0)
        remove(aor, uri);
      else
        put(aor, contact(uri, 1h));
      history[aor].push_back({host->environment_.clock.now(), sorted(aor)});
      if (const auto what = random->next() % 8; what < 2)
        database.commit(what == 0 ? Data::Failure() : Data::Failure{Data::Failure::Kind::timeout, "busy"});
    }
    const size_t steps = files->steps;
    const Runtime::Instant since = host->environment_.clock.now() - 25ms - window;
    files->fails = {};
    crash();
    begin({{"db_mode", "2"}, {"write_interval", "300ms"}});
    for (const auto& [aor, states] : history) {
      const std::string now = sorted(aor);
      bool found = states.front().from >= since && now.empty();
      for (size_t i = 0; i < states.size(); ++i) found |= states[i].uris == now && (i + 1 == states.size() || states[i + 1].from >= since);
      CPPUNIT_ASSERT_MESSAGE("seed " + std::to_string(seed) + ", " + aor + " has '" + now + "', not '" + states.back().uris + "'", found);
    }
    crash();
    return steps;
  }
  std::string sorted(std::string_view aor) {
    std::string text = uris(aor), sorted;
    for (const char* uri : {"sip:0", "sip:1", "sip:2"})
      if (text.find(uri) != text.npos) sorted += uri;
    return sorted;
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(JournalTest);

}  // namespace

}  // namespace Patchbay::Testsuite
