#include <condition_variable>
#include <thread>

#include "LocationTest.h"

namespace Patchbay::Testsuite {

namespace {

using Usrloc::MemoryTable;

/// db_mode 2 with real workers and a real pool, for ThreadSanitizer: changes, look-ups, journal, checkpoints and database at once.
class JournalThreadsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(JournalThreadsTest);
  CPPUNIT_TEST(workersPoolAndDatabaseAgree);
  CPPUNIT_TEST_SUITE_END();

 public:
  /// E15, J02
  void workersPoolAndDatabaseAgree() {
    const Runtime::SystemClock clock;
    Runtime::ThreadedWorkers workers(2, clock);
    const auto pool = Runtime::makeThreadedPool(2);
    FakeNetwork network;
    Runtime::Metrics metrics;
    const auto random = Runtime::makeSeededRandom(1);
    Runtime::Environment environment{clock, workers, *pool, network, metrics, *random};
    const auto database = Data::Database::make("sqlite::memory:", environment);
    FakeFiles files;
    Usrloc::Shared shared(environment, Usrloc::WriteMode::back);
    shared.writeInterval = 1ms;
    shared.journalWindow = 2ms;
    MemoryTable table("location", shared, std::make_unique<Usrloc::Store>("location", *database, nullptr, ""));
    table.use(std::make_shared<Usrloc::Journal>(environment, std::make_unique<Usrloc::Segments>(files, "", "location"),
                                                Usrloc::Journal::Settings{false, 1 << 30, 1ms}, metrics.counter("failures", ""), nullptr));
    CPPUNIT_ASSERT(!table.open());
    CPPUNIT_ASSERT(!table.load());
    table.start();
    workers.start();
    for (size_t i = 0; i < workers.count(); ++i) workers.at(i).post([this, &table, &worker = workers.at(i)] { work(table, worker, 0); });
    {
      std::unique_lock<std::mutex> lock(_mutex);
      _changed.wait(lock, [&] { return _ended == workers.count(); });
    }
    workers.stop();
    CPPUNIT_ASSERT(!_wrong);
    CPPUNIT_ASSERT_EQUAL(size_t{0}, table.stop(10s));
    CPPUNIT_ASSERT(files.steps > 4);
    table.forgetJournal();
    pool->stop();
    CPPUNIT_ASSERT(files.contents.empty());
    size_t rows = 0;
    Usrloc::Store store("location", *database, nullptr, "");
    size_t unfit = 0;
    CPPUNIT_ASSERT(!store.read(
        [&](Usrloc::Block* block) {
          ++rows;
          Usrloc::Block::free(block);
        },
        unfit));
    CPPUNIT_ASSERT_EQUAL(table.size(), rows);
    CPPUNIT_ASSERT(rows > 50);
  }

 private:
  static constexpr int Turns = 200, ChangesATurn = 20, Users = 100;

  /// Some changes and look-ups, then another turn of the loop.
  void work(MemoryTable& table, Runtime::Worker& worker, int turn) {
    for (int i = 0; i < ChangesATurn; ++i) change(table, worker, worker.random().next());
    if (turn < Turns) return worker.post([this, &table, &worker, turn] { work(table, worker, turn + 1); });
    std::lock_guard<std::mutex> lock(_mutex);
    ++_ended;
    _changed.notify_all();
  }
  void change(MemoryTable& table, Runtime::Worker& worker, uint64_t number) {
    const std::string aor = "u" + std::to_string(number % Users) + "@x";
    const std::string uri = "sip:" + std::to_string(number >> 32 & 3);
    Do decision([&](auto, auto& changes) {
      Usrloc::Contact contact;
      contact.uri = uri;
      contact.modified = worker.wall();
      contact.expires = contact.modified + 1h;
      changes.push_back({number >> 40 & 1 ? Usrloc::Change::Kind::put : Usrloc::Change::Kind::remove, contact});
      return true;
    });
    table.change(aor, decision, Usrloc::Event::Origin::registrar, {});
    struct Look : Usrloc::Visitor {
      void contacts(std::span<const Usrloc::Contact> contacts) override { count = contacts.size(); }
      size_t count = 0;
    } look;
    table.visit(aor, look);
    if (look.count > 4) _wrong = true;
  }

  std::mutex _mutex;
  std::condition_variable _changed;
  size_t _ended = 0;
  std::atomic<bool> _wrong{false};
};

CPPUNIT_TEST_SUITE_REGISTRATION(JournalThreadsTest);

}  // namespace

}  // namespace Patchbay::Testsuite
