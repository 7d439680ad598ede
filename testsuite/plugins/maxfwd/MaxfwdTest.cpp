#include <cppunit/extensions/HelperMacros.h>

#include "MaxfwdPlugin.h"
#include "RuleDesk.h"

using namespace Patchbay;

class MaxfwdTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(MaxfwdTest);
  CPPUNIT_TEST(countsDown);
  CPPUNIT_TEST(refusesZero);
  CPPUNIT_TEST(addsTheLimitWhenThereIsNone);
  CPPUNIT_TEST(neverLeavesAboveTheLimit);
  CPPUNIT_TEST(countsOnce);
  CPPUNIT_TEST(changesNothingInADryRun);
  CPPUNIT_TEST(checksTheLimit);
  CPPUNIT_TEST_SUITE_END();

  Maxfwd::MaxfwdPlugin plugin;
  std::optional<Testsuite::RuleDesk> desk;

  static std::string request(const std::string& header) {
    return "OPTIONS sip:a@example.org SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\n" + header +
           "From: <sip:b@h>;tag=1\r\nTo: <sip:a@example.org>\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\n\r\n";
  }
  void load(const char* call) {
    CPPUNIT_ASSERT_EQUAL(std::string(),
                         desk->load("<rule if=\"" + std::string(call) + "\"><mark text='on'/><else><mark text='483'/></else></rule>"));
  }
  bool has(const char* line) const { return desk->written().find(line) != std::string::npos; }

 public:
  void setUp() override { desk.emplace(plugin); }
  void tearDown() override { desk.reset(); }

  // A13
  void countsDown() {
    load("mf_process_maxfwd_header(70)");
    for (const auto& [came, goes] : {std::pair{"1", "0"}, {"2", "1"}, {"70", "69"}, {"10", "9"}}) {
      CPPUNIT_ASSERT_EQUAL(std::string("on"), desk->run(request("Max-Forwards: " + std::string(came) + "\r\n")));
      CPPUNIT_ASSERT(has(("\r\nMax-Forwards: " + std::string(goes) + "\r\n").c_str()));
    }
  }
  void refusesZero() {
    load("mf_process_maxfwd_header(70)");
    CPPUNIT_ASSERT_EQUAL(std::string("483"), desk->run(request("max-forwards:0\r\n")));
    CPPUNIT_ASSERT(desk->request.edits.empty());
  }
  void addsTheLimitWhenThereIsNone() {
    load("mf_process_maxfwd_header()");
    CPPUNIT_ASSERT_EQUAL(std::string("on"), desk->run(request("")));
    CPPUNIT_ASSERT(has("\r\nMax-Forwards: 70\r\n\r\n"));
    load("mf_process_maxfwd_header(10)");
    desk->run(request(""));
    CPPUNIT_ASSERT(has("\r\nMax-Forwards: 10\r\n\r\n"));
  }
  // A13
  void neverLeavesAboveTheLimit() {
    load("mf_process_maxfwd_header(70)");
    CPPUNIT_ASSERT_EQUAL(std::string("on"), desk->run(request("Max-Forwards: 255\r\n")));
    CPPUNIT_ASSERT(has("\r\nMax-Forwards: 70\r\n"));
  }
  void countsOnce() {
    load("mf_process_maxfwd_header(70) and mf_process_maxfwd_header(70)");
    CPPUNIT_ASSERT_EQUAL(std::string("on"), desk->run(request("Max-Forwards: 20\r\n")));
    CPPUNIT_ASSERT(has("\r\nMax-Forwards: 19\r\n"));
    desk->run(request(""));
    CPPUNIT_ASSERT(has("\r\nMax-Forwards: 70\r\n\r\n"));
  }
  void changesNothingInADryRun() {
    load("mf_process_maxfwd_header(70)");
    desk->request.machine.setDry(true);
    CPPUNIT_ASSERT_EQUAL(std::string("on"), desk->run(request("Max-Forwards: 20\r\n")));
    CPPUNIT_ASSERT(desk->request.edits.empty());
  }
  void checksTheLimit() {
    for (const char* call : {"mf_process_maxfwd_header(0)", "mf_process_maxfwd_header(256)", "mf_process_maxfwd_header('x')"})
      CPPUNIT_ASSERT(!desk->load("<rule if=\"" + std::string(call) + "\"><mark/></rule>").empty());
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(MaxfwdTest);
