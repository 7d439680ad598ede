#include <cppunit/extensions/HelperMacros.h>

#include "PermissionsPlugin.h"
#include "RuleDesk.h"

using namespace Patchbay;
using Permissions::AddressList;
using Permissions::Trusted;

namespace {

/// Rows that a test puts into it.
class Rows : public Data::Database {
 public:
  std::string description() const override { return "rows"; }
  Data::Failure open(const Data::Table&) override { return {}; }
  Data::Failure read(const Data::Table&, const std::function<void(const Data::Row&)>& each, const std::string&,
                     const Data::Field&) override {
    if (away) return {Data::Failure::Kind::unreachable, "away"};
    for (const auto& row : rows) each(row);
    return {};
  }
  void query(const Data::Table&, const std::vector<std::string>&, Data::Row, std::function<void(Data::Result&&)>) override {}
  void upsert(const Data::Table&, Data::Row, Committed) override {}
  void remove(const Data::Table&, Data::Row, Committed) override {}
  size_t waiting() const override { return 0; }
  size_t room() const override { return 1; }
  uint64_t lastQueued() const override { return 0; }
  uint64_t committedUpTo() const override { return 0; }
  void watch(std::function<void(const Data::Failure&)>) override {}
  size_t flush(Runtime::Duration) override { return 0; }
  void add(const std::string& address, int64_t mask = 32, int64_t port = 0, const Data::Field& tag = {}, int64_t group = 1) {
    rows.push_back({static_cast<int64_t>(rows.size() + 1), group, address, mask, port, tag});
  }
  std::vector<Data::Row> rows;
  bool away = false;
};

}  // namespace

class PermissionsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(PermissionsTest);
  CPPUNIT_TEST(trustsListedNetworksOnly);
  CPPUNIT_TEST(trustsByPortAndTransport);
  CPPUNIT_TEST(trustsNobodyByAnEmptyList);
  CPPUNIT_TEST(trustsNobodyWhenARowIsWrong);
  CPPUNIT_TEST(keepsWhatItHasWhenAReloadFails);
  CPPUNIT_TEST(isAnErrorBeforeTheListIsKnown);
  CPPUNIT_TEST(readsTheListAgain);
  CPPUNIT_TEST(saysWhatIsWrongWithARow);
  CPPUNIT_TEST(comparesMappedAndNetworksOfIPv6);
  CPPUNIT_TEST_SUITE_END();

  Rows rows;
  Permissions::PermissionsPlugin plugin;
  std::optional<Testsuite::RuleDesk> desk;

  void load() {
    desk->host.services().provide<Data::Database>(rows);
    CPPUNIT_ASSERT_EQUAL(std::string(), desk->load("<rule if='allow_source_address()'><mark text='trusted'/></rule>"));
  }
  std::string run() {
    return desk->run(
        "OPTIONS sip:h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@h>;tag=1\r\nTo: <sip:b@h>\r\nCall-ID: c\r\n"
        "CSeq: 1 OPTIONS\r\n\r\n");
  }
  int reload() {
    for (const auto& operation : desk->host.declaration.operations)
      if (operation.name == "address.reload") return operation.run({}).status;
    return 0;
  }

 public:
  void setUp() override { desk.emplace(plugin); }
  void tearDown() override {
    plugin.stop();
    desk.reset();
  }
  // G03
  void trustsListedNetworksOnly() {
    rows.add("198.51.100.0", 28);
    rows.add("203.0.113.0", 24);
    load();
    CPPUNIT_ASSERT_EQUAL(std::string("trusted"), run());
    rows.rows[0][3] = int64_t{30};
    CPPUNIT_ASSERT_EQUAL(200, reload());
    CPPUNIT_ASSERT_EQUAL(std::string(), run());
  }
  // G03
  void trustsByPortAndTransport() {
    rows.add("198.51.100.7", 32, 5070);
    rows.add("198.51.100.7", 32, 0, std::string("main, transport=tls"));
    load();
    CPPUNIT_ASSERT_EQUAL(std::string(), run());
    rows.add("198.51.100.7", 32, 5060, std::string("transport=udp"));
    CPPUNIT_ASSERT_EQUAL(200, reload());
    CPPUNIT_ASSERT_EQUAL(std::string("trusted"), run());
  }
  // G03
  void trustsNobodyByAnEmptyList() {
    load();
    CPPUNIT_ASSERT_EQUAL(std::string(), run());
  }
  // G03
  void trustsNobodyWhenARowIsWrong() {
    rows.add("198.51.100.7");
    rows.add("198.51.100.256");
    load();
    CPPUNIT_ASSERT_EQUAL(std::string(), run());
    CPPUNIT_ASSERT_EQUAL(409, reload());
    CPPUNIT_ASSERT_EQUAL(std::string(), run());
    rows.rows.pop_back();
    CPPUNIT_ASSERT_EQUAL(200, reload());
    CPPUNIT_ASSERT_EQUAL(std::string("trusted"), run());
  }
  void keepsWhatItHasWhenAReloadFails() {
    rows.add("198.51.100.7");
    load();
    rows.add("nonsense");
    CPPUNIT_ASSERT_EQUAL(409, reload());
    CPPUNIT_ASSERT_EQUAL(std::string("trusted"), run());
    rows.away = true;
    CPPUNIT_ASSERT_EQUAL(409, reload());
    CPPUNIT_ASSERT_EQUAL(std::string("trusted"), run());
  }
  // F19
  void isAnErrorBeforeTheListIsKnown() {
    rows.away = true;
    load();
    CPPUNIT_ASSERT_EQUAL(std::string(" error: the trusted addresses have not been read yet"), run());
  }
  void readsTheListAgain() {
    load();
    rows.add("198.51.100.7");
    desk->host.environment_.advance(std::chrono::seconds(60));
    CPPUNIT_ASSERT_EQUAL(std::string("trusted"), run());
  }
  void saysWhatIsWrongWithARow() {
    Trusted entry;
    const auto fault = [&](const char* address, int64_t mask, int64_t port, const char* tag) {
      return AddressList::read({int64_t{7}, int64_t{1}, std::string(address), mask, port, std::string(tag)}, entry);
    };
    CPPUNIT_ASSERT_EQUAL(std::string(), fault("192.0.2.1", 0, 65535, ""));
    CPPUNIT_ASSERT_EQUAL(std::string("row 7: 'gw.example' is no address"), fault("gw.example", 32, 0, ""));
    CPPUNIT_ASSERT_EQUAL(std::string("row 7: '010.1' is no address"), fault("010.1", 32, 0, ""));
    CPPUNIT_ASSERT_EQUAL(std::string("row 7: the mask is not between 0 and 32"), fault("192.0.2.1", 33, 0, ""));
    CPPUNIT_ASSERT_EQUAL(std::string("row 7: the mask is not between 0 and 128"), fault("2001:db8::", -1, 0, ""));
    CPPUNIT_ASSERT_EQUAL(std::string("row 7: 65536 is no port"), fault("192.0.2.1", 32, 65536, ""));
    CPPUNIT_ASSERT(fault("192.0.2.1", 32, 0, "transport=sctp").find("unknown transport") != std::string::npos);
  }
  // N06
  void comparesMappedAndNetworksOfIPv6() {
    Trusted v4, v6;
    CPPUNIT_ASSERT(AddressList::readNetwork("::ffff:192.0.2.0", v4) && AddressList::readNetwork("2001:DB8:1::/47", v6));
    const AddressList list({v4, v6});
    const auto has = [&](const char* ip) { return list.contains(1, {*Runtime::IpAddress::parse(ip), 5060}, Transport::Protocol::udp); };
    CPPUNIT_ASSERT(has("192.0.2.0") && has("2001:db8::1") && has("2001:db8:1:ffff::1"));
    CPPUNIT_ASSERT(!has("192.0.2.1") && !has("2001:db8:2::1"));
    CPPUNIT_ASSERT_EQUAL(std::string("2001:db8::/47"), AddressList::networkText(v6));
    for (const char* text : {"", "192.0.2.0/", "192.0.2.0/33", "192.0.2.0/-1", "192.0.2.0/1x", "2001:db8::/129", "192.0.2"})
      CPPUNIT_ASSERT_MESSAGE(text, !AddressList::readNetwork(text, v4));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(PermissionsTest);
