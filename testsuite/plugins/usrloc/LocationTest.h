#pragma once

#include <cppunit/extensions/HelperMacros.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "FakeDatabase.h"
#include "FakeFiles.h"
#include "FakeHost.h"
#include "UsrlocPlugin.h"

namespace Patchbay::Testsuite {

using namespace std::chrono_literals;
using namespace std::string_literals;

/// A decision made of two functions.
class Do : public Usrloc::Decision {
 public:
  using Decide = std::function<bool(std::span<const Usrloc::Contact>, std::vector<Usrloc::Change>&)>;
  explicit Do(Decide decide) : _decide(std::move(decide)) {}
  bool decide(std::span<const Usrloc::Contact> current, std::vector<Usrloc::Change>& changes) override { return _decide(current, changes); }
  void result(std::span<const Usrloc::Contact> now) override {
    for (const auto& contact : now) uris.emplace_back(contact.uri);
  }
  std::vector<std::string> uris;

 private:
  Decide _decide;
};

/// What happened, as text: "insert location joe@x sip:1 1".
class Diary : public Usrloc::Observer {
 public:
  void happened(const Usrloc::Event& event) override {
    if (!keeps) return;
    static const char* const kinds[] = {"insert", "update", "remove", "expire"};
    lines.push_back(std::string(kinds[static_cast<int>(event.kind)]) + " " + std::string(event.table) + " " + std::string(event.aor) + " " +
                    std::string(event.contact.uri) + " " + std::to_string(event.sequence));
    origins.push_back(event.origin);
  }
  std::vector<std::string> lines;
  std::vector<Usrloc::Event::Origin> origins;
  bool keeps = true;
};

/// usrloc on a fake host, with or without a database.
class LocationTest : public CppUnit::TestFixture {
 public:
  void tearDown() override {
    if (plugin) plugin->stop();
    plugin.reset();
    host.reset();
    sqlite.reset();
    outside.reset();
    database = {};
    files = {};
    age = {};
  }

 protected:
  using Contact = Usrloc::Contact;
  using Change = Usrloc::Change;

  void begin(const FakeHost::SettingsMap& settings = {{"db_mode", "0"}}, Data::Database* real = nullptr) {
    // the host's environment must outlive the plug-in, which describes itself to the host
    plugin = std::make_unique<Usrloc::UsrlocPlugin>();
    host = std::make_unique<FakeHost>(*plugin, settings);
    CPPUNIT_ASSERT_MESSAGE(host->problems.toString(), !host->problems.hasErrors());
    host->environment_.clock.move(age);
    host->services().provide<Data::Database>(real ? *real : database);
    if (files) host->services().provide<Runtime::Files>(*files);
    plugin->configure(*host);
    plugin->bind(*host);
    table = &plugin->table("location");
    plugin->add(diary);
    plugin->start();
  }
  void end() {
    plugin->stop();
    plugin.reset();
    host.reset();
  }
  /// As kill -9 does, on the fake database and the fake disk.
  void crash() {
    age = host->environment_.clock.now() - FakeClock().now();
    plugin.reset();
    host.reset();
    database.crash();
  }
  Contact contact(std::string_view uri, Runtime::Duration lifetime = 60s) const {
    Contact contact;
    contact.uri = uri;
    contact.callId = "call-1";
    contact.cseq = 1;
    contact.modified = host->environment_.clock.wall();
    contact.expires = contact.modified + std::chrono::duration_cast<Runtime::WallTime::duration>(lifetime);
    return contact;
  }
  Usrloc::Table::Durability put(std::string_view aor, const Contact& contact, std::function<void(bool)> committed = {}) {
    Do decision([&](auto, auto& changes) {
      changes.push_back({Change::Kind::put, contact});
      return true;
    });
    return table->change(aor, decision, Usrloc::Event::Origin::registrar, std::move(committed));
  }
  Usrloc::Table::Durability remove(std::string_view aor, std::string_view uri, std::function<void(bool)> committed = {}) {
    Do decision([&](auto, auto& changes) {
      changes.push_back({Change::Kind::remove, contact(uri)});
      return true;
    });
    return table->change(aor, decision, Usrloc::Event::Origin::registrar, std::move(committed));
  }
  /// "sip:a sip:b"
  std::string uris(std::string_view aor) {
    struct Collect : Usrloc::Visitor {
      void contacts(std::span<const Contact> contacts) override {
        for (const auto& contact : contacts) text += (text.empty() ? "" : " ") + std::string(contact.uri);
      }
      std::string text;
    } collect;
    const bool found = table->visit(aor, collect);
    CPPUNIT_ASSERT_EQUAL(found, !collect.text.empty());
    return collect.text;
  }
  void look(std::string_view aor, const std::function<void(const Contact&)>& at) {
    struct Look : Usrloc::Visitor {
      explicit Look(const std::function<void(const Contact&)>& at) : at(at) {}
      void contacts(std::span<const Contact> contacts) override {
        CPPUNIT_ASSERT_EQUAL(size_t{1}, contacts.size());
        at(contacts[0]);
      }
      const std::function<void(const Contact&)>& at;
    } visitor(at);
    CPPUNIT_ASSERT(table->visit(aor, visitor));
  }

  FakeDatabase database;
  std::unique_ptr<FakeFiles> files;          ///< null: the machine's
  Runtime::Duration age{};                   ///< of the world, when the next server begins
  std::unique_ptr<FakeEnvironment> outside;  ///< of a database that lives longer than the host
  std::unique_ptr<Data::Database> sqlite;
  Diary diary;
  std::unique_ptr<Usrloc::UsrlocPlugin> plugin;
  std::unique_ptr<FakeHost> host;
  Usrloc::Table* table = nullptr;
};

}  // namespace Patchbay::Testsuite
