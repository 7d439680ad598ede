#include <cppunit/extensions/HelperMacros.h>

#include "Stage.h"

using namespace Patchbay;
using namespace Patchbay::Sl;
using Testing::Stage;

/// Replies without a transaction, and the ACKs to them.
class ReplyTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ReplyTest);
  CPPUNIT_TEST(redirectListsTheDestinationSet);
  CPPUNIT_TEST(otherRepliesListNothing);
  CPPUNIT_TEST(saysWhenToTryAgain);
  CPPUNIT_TEST(absorbsTheAckToItsReply);
  CPPUNIT_TEST_SUITE_END();

  static void addSecond(Core::Request& request) {
    Core::Destination second;
    second.uri = "sip:bob@203.0.113.5;transport=tcp";
    second.q = 250;
    CPPUNIT_ASSERT(request.destinations.add(second));
  }

  // RFC 3261, 8.3
  void redirectListsTheDestinationSet() {
    Stage stage("<sl_send_reply code='300'/>");
    stage.before = addSecond;
    stage.receive(Stage::request("INVITE"));
    CPPUNIT_ASSERT_EQUAL(size_t(1), stage.core.answers.size());
    CPPUNIT_ASSERT_EQUAL(
        std::string("300 Contact: <sip:bob@198.51.100.9>;q=1.000\r\nContact: <sip:bob@203.0.113.5;transport=tcp>;q=0.250\r\n"),
        stage.core.answers[0]);
    CPPUNIT_ASSERT_EQUAL(std::string("settled"), stage.ending);
  }
  void otherRepliesListNothing() {
    Stage stage("<sl_send_reply code='404'/>");
    stage.before = addSecond;
    stage.receive(Stage::request("INVITE"));
    CPPUNIT_ASSERT(std::vector<std::string>{"404"} == stage.core.answers);
  }
  void saysWhenToTryAgain() {
    Stage stage("<sl_send_reply code='503' retry_after='30'/>");
    stage.receive(Stage::request("INVITE"));
    CPPUNIT_ASSERT(std::vector<std::string>{"503 Retry-After: 30\r\n"} == stage.core.answers);
  }
  // RFC 3261, 17.1.1.3: the ACK to a non-2xx has the INVITE's branch, so the tag that we gave can be made again
  void absorbsTheAckToItsReply() {
    Stage stage("<sl_send_reply code='404'/>");
    auto& invite = stage.receive(Stage::request("INVITE"));
    CPPUNIT_ASSERT(!stage.claimed);
    char tag[16];
    stage.core.writeStatelessTag(invite, tag);
    const auto ack = [&](const std::string& to, const std::string& branch = "z9hG4bKc1") {
      stage.receive(Stage::request("ACK", branch, "", "sip:bob@198.51.100.9", to));
      return stage.claimed;
    };
    const std::string ours = "<sip:bob@example.org>;tag=" + std::string(tag, sizeof tag);
    CPPUNIT_ASSERT(ack(ours));
    CPPUNIT_ASSERT_EQUAL(1.0, stage.host.value("sl_acks_absorbed_total"));
    CPPUNIT_ASSERT(!ack(ours, "z9hG4bKother"));
    CPPUNIT_ASSERT(!ack("<sip:bob@example.org>;tag=0123456789abcdef"));
    CPPUNIT_ASSERT(!ack("<sip:bob@example.org>"));
    stage.receive(Stage::request("BYE", "z9hG4bKc1", "", "sip:bob@198.51.100.9", ours));
    CPPUNIT_ASSERT(!stage.claimed);
    CPPUNIT_ASSERT_EQUAL(1.0, stage.host.value("sl_acks_absorbed_total"));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ReplyTest);
