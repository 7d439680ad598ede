// What a registered contact costs: memory in the location table, and time to write and to load it again. One line of a Markdown table each.
//
// usage: bench-contacts [CONTACTS]      (1000000)
//
// Each figure comes from a process of its own: resident memory behind less resident memory before, of everything (buckets, allocator).

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "FakeHost.h"
#include "TemporaryFolder.h"
#include "UsrlocPlugin.h"
#include "patchbay/data/Database.h"

namespace {

using namespace Patchbay;
using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

size_t residentBytes() {
  size_t total = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

/// What a usual phone registers: its URI, Call-ID and User-Agent; 96 octets of texts beside the address of record.
class Register : public Usrloc::Decision {
 public:
  Register(size_t user, Runtime::WallTime now) : _uri("sip:user" + std::to_string(user) + "@192.168.100.200:50600") {
    _contact.uri = _uri;
    _contact.callId = "3c26700857a87f84@192.168.100.200";
    _contact.userAgent = "snom360/8.7.5.35";
    _contact.cseq = 1;
    _contact.modified = now;
    _contact.expires = now + std::chrono::hours(1);
  }
  bool decide(std::span<const Usrloc::Contact>, std::vector<Usrloc::Change>& changes) override {
    changes.push_back({Usrloc::Change::Kind::put, _contact});
    return true;
  }
  void result(std::span<const Usrloc::Contact>) override {}

 private:
  const std::string _uri;
  Usrloc::Contact _contact;
};

/// The plug-in on a host, with a database when a file is named.
struct Place {
  Place(const std::string& mode, const std::string& file)
      : host(*plugin, {{"db_mode", mode}, {"max_contacts_total", "1000000000"}, {"max_aors_total", "1000000000"}}) {
    if (!file.empty()) database = Data::Database::make("sqlite:" + file, host.environment_);
    if (database) host.services().provide<Data::Database>(*database);
    plugin->configure(host);
    plugin->bind(host);
    table = &plugin->table("location");
  }
  ~Place() { plugin.reset(); }
  void put(size_t user) {
    Register decision(user, host.environment_.clock.wall());
    table->change("user" + std::to_string(user) + "@bench.test", decision, Usrloc::Event::Origin::registrar, {});
  }

  std::unique_ptr<Usrloc::UsrlocPlugin> plugin = std::make_unique<Usrloc::UsrlocPlugin>();  // described to the host, ends before it
  Testsuite::FakeHost host;
  std::unique_ptr<Data::Database> database;
  Usrloc::Table* table = nullptr;
};

void print(const char* what, size_t contacts, double seconds, double octets) {
  std::printf("| %s | %zu | %.2f | %.0f | %s |\n", what, contacts, seconds, static_cast<double>(contacts) / seconds,
              octets > 0 ? std::to_string(static_cast<int>(octets)).c_str() : "");
  std::fflush(stdout);
}

double octetsEach(size_t before, size_t contacts) {
  return (static_cast<double>(residentBytes()) - static_cast<double>(before)) / static_cast<double>(contacts);
}

/// E18: each look-up by itself, users in no order.
void lookUp(Place& place, size_t contacts) {
  struct Count : Usrloc::Visitor {
    void contacts(std::span<const Usrloc::Contact> found) override { count += found.size(); }
    size_t count = 0;
  } found;
  std::vector<double> microseconds;
  const auto begin = Clock::now();
  for (size_t i = 0; i < 200000; ++i) {
    const std::string aor = "user" + std::to_string(i * 7919 % contacts) + "@bench.test";
    const auto asked = Clock::now();
    place.table->visit(aor, found);
    microseconds.push_back(secondsSince(asked) * 1e6);
  }
  print("looked up", microseconds.size(), secondsSince(begin), 0);
  std::sort(microseconds.begin(), microseconds.end());
  std::printf("\nOf %zu look-ups half took at most %.2f us, 99 %% at most %.2f us.\n\n", found.count, microseconds[microseconds.size() / 2],
              microseconds[microseconds.size() * 99 / 100]);
  std::fflush(stdout);
}

void inMemory(size_t contacts) {
  Place place("0", "");
  place.plugin->start();
  for (size_t user = 0; user < 1000; ++user) place.put(user);
  const size_t before = residentBytes();
  const auto begin = Clock::now();
  for (size_t user = 1000; user < contacts + 1000; ++user) place.put(user);
  print("registered, in memory", contacts, secondsSince(begin), octetsEach(before, contacts));
  lookUp(place, contacts);
}

void written(size_t contacts, const std::string& file) {
  Place place("1", file);
  place.plugin->start();
  place.host.environment_.pool.inLine = false;  // changes come together to the database, as in the server
  const auto begin = Clock::now();
  for (size_t user = 0; user < contacts; ++user) {
    place.put(user);
    if (user % 512 == 511) place.host.environment_.pool.run();
  }
  place.host.environment_.pool.run();
  print("written to SQLite (db_mode 1)", contacts, secondsSince(begin), 0);
  place.plugin->stop();
}

void loaded(size_t contacts, const std::string& file) {
  Place place("1", file);
  const size_t before = residentBytes();
  const auto begin = Clock::now();
  place.plugin->start();
  const double seconds = secondsSince(begin);
  if (place.table->size() != contacts) std::printf("only %zu contacts were loaded\n", place.table->size());
  print("loaded from SQLite at start", contacts, seconds, octetsEach(before, contacts));
}

}  // namespace

int main(int argc, char** argv) {
  const size_t contacts = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1000000;
  const std::string part = argc > 2 ? argv[2] : "";
  const std::string file = argc > 3 ? argv[3] : "";
  if (part == "memory") return inMemory(contacts), 0;
  if (part == "write") return written(contacts, file), 0;
  if (part == "load") return loaded(contacts, file), 0;
  const Testsuite::TemporaryFolder folder;
  std::printf("| work | contacts | seconds | contacts a second | resident octets a contact |\n|---|---|---|---|---|\n");
  std::fflush(stdout);
  int result = 0;
  for (const char* each : {"write", "load", "memory"})
    result |=
        std::system((std::string(argv[0]) + " " + std::to_string(contacts) + " " + each + " " + folder.path() + "/patchbay.db").c_str());
  return result == 0 ? 0 : 1;
}
