#include <cppunit/extensions/HelperMacros.h>

#include <set>

#include "Stage.h"
#include "TransactionKey.h"

using namespace Patchbay;
using namespace Patchbay::Tm;
using Parser::Method;
using Testing::Stage;

namespace {

constexpr Runtime::SipHash::Key Secret{1, 2};

struct Parsed {
  explicit Parsed(std::string given) : text(std::move(given)) { CPPUNIT_ASSERT(!message.parse(text)); }
  std::string text;
  Parser::Message message;
};

Key keyOf(const std::string& text, Method method) {
  Parsed parsed(text);
  const auto key = serverKey(Secret, parsed.message, method);
  CPPUNIT_ASSERT(key);
  return *key;
}

std::string old(std::string_view method, std::string_view uri = "sip:bob@10.0.0.2", uint32_t cseq = 1) {
  return Stage::request(method, "", "", uri, cseq);
}

}  // namespace

class TransactionKeyTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(TransactionKeyTest);
  CPPUNIT_TEST(ackBelongsToItsInvite);
  CPPUNIT_TEST(cancelIsFoundAsItsInvite);
  CPPUNIT_TEST(otherMethodOnOneBranchIsAnotherTransaction);
  CPPUNIT_TEST(unknownMethodsDiffer);
  CPPUNIT_TEST(branchDecidesWhateverElseDiffers);
  CPPUNIT_TEST(sentByCounts);
  CPPUNIT_TEST(branchInAnotherCaseIsAnother);
  CPPUNIT_TEST(withoutCookieTheOldRuleApplies);
  CPPUNIT_TEST(withoutCookieAnotherCallDiffers);
  CPPUNIT_TEST(emptyCookieIsNoBranch);
  CPPUNIT_TEST(ownBranchComesBack);
  CPPUNIT_TEST(foreignBranchesAreNotOurs);
  CPPUNIT_TEST(replyOfAnotherMethodHasAnotherKey);
  CPPUNIT_TEST(loopValueKeepsWhenNothingThatRoutesChanges);
  CPPUNIT_TEST(loopValueChangesWithRequestUri);
  CPPUNIT_TEST(loopIsSeenInAnyVia);
  CPPUNIT_TEST_SUITE_END();

 public:
  // C08, C09
  void ackBelongsToItsInvite() {
    CPPUNIT_ASSERT(keyOf(Stage::request("INVITE"), Method::invite) == keyOf(Stage::request("ACK"), Method::ack));
  }
  // C14
  void cancelIsFoundAsItsInvite() {
    CPPUNIT_ASSERT(keyOf(Stage::request("INVITE"), Method::invite) == keyOf(Stage::request("CANCEL"), Method::invite));
  }
  // C22
  void otherMethodOnOneBranchIsAnotherTransaction() {
    std::set<uint64_t> firsts;
    for (const char* method : {"INVITE", "OPTIONS", "BYE", "CANCEL"})
      firsts.insert(keyOf(Stage::request(method), Parser::methodOf(method)).first);
    CPPUNIT_ASSERT_EQUAL(size_t{4}, firsts.size());
  }
  // C22
  void unknownMethodsDiffer() {
    CPPUNIT_ASSERT(!(keyOf(Stage::request("FOO"), Method::other) == keyOf(Stage::request("BAR"), Method::other)));
  }
  // C21: RFC 3261, 17.2.3 asks for branch, sent-by and method only
  void branchDecidesWhateverElseDiffers() {
    std::string other = Stage::request("CANCEL", "z9hG4bKcaller1", "", "sip:else@10.0.0.9", 77);
    other.replace(other.find("call-1"), 6, "call-2");
    CPPUNIT_ASSERT(keyOf(Stage::request("INVITE"), Method::invite) == keyOf(other, Method::invite));
  }
  void sentByCounts() {
    std::string other = Stage::request("INVITE");
    other.replace(other.find("10.0.0.1:5060"), 13, "10.0.0.1:5061");
    CPPUNIT_ASSERT(!(keyOf(Stage::request("INVITE"), Method::invite) == keyOf(other, Method::invite)));
  }
  // C21
  void branchInAnotherCaseIsAnother() {
    CPPUNIT_ASSERT(
        !(keyOf(Stage::request("INVITE", "z9hG4bKabc"), Method::invite) == keyOf(Stage::request("INVITE", "z9hG4bKABC"), Method::invite)));
  }
  // C28
  void withoutCookieTheOldRuleApplies() {
    CPPUNIT_ASSERT(keyOf(old("INVITE"), Method::invite) == keyOf(old("ACK"), Method::ack));
    CPPUNIT_ASSERT(keyOf(old("INVITE"), Method::invite) == keyOf(old("CANCEL"), Method::invite));
    CPPUNIT_ASSERT(!(keyOf(old("INVITE"), Method::invite) == keyOf(old("BYE"), Method::bye)));
  }
  // C28
  void withoutCookieAnotherCallDiffers() {
    const Key key = keyOf(old("INVITE"), Method::invite);
    CPPUNIT_ASSERT(!(key == keyOf(old("INVITE", "sip:bob@10.0.0.2", 2), Method::invite)));
    CPPUNIT_ASSERT(!(key == keyOf(old("INVITE", "sip:eve@10.0.0.2"), Method::invite)));
    std::string other = old("INVITE");
    other.replace(other.find("call-1"), 6, "call-2");
    CPPUNIT_ASSERT(!(key == keyOf(other, Method::invite)));
  }
  void emptyCookieIsNoBranch() {
    CPPUNIT_ASSERT(!(keyOf(Stage::request("INVITE", "z9hG4bK", "", "sip:a@10.0.0.2"), Method::invite) ==
                     keyOf(Stage::request("INVITE", "z9hG4bK", "", "sip:b@10.0.0.2"), Method::invite)));
  }
  // C37
  void ownBranchComesBack() {
    char text[100];
    const Branch branch{0x0123456789abcdef, 63, 0xfedcba9876543210};
    const std::string_view written(text, static_cast<size_t>(branch.write(text, "77aa") - text));
    CPPUNIT_ASSERT_EQUAL(std::string("z9hG4bK77aa.t0123456789abcdef3ffedcba9876543210"), std::string(written));
    CPPUNIT_ASSERT_EQUAL(Branch::room("77aa"), written.size());
    const auto read = Branch::parse(written, "77aa");
    CPPUNIT_ASSERT(read && read->loop == branch.loop && read->shard == branch.shard && read->random == branch.random);
  }
  // C24
  void foreignBranchesAreNotOurs() {
    for (const char* text : {"", "z9hG4bK", "z9hG4bKcaller1", "z9hG4bK77ab.t0123456789abcdef3ffedcba9876543210",
                             "z9hG4bK77aa.s0123456789abcdef3ffedcba9876543210", "z9hG4bK77aa.t0123456789ABCDEF3ffedcba9876543210",
                             "z9hG4bK77aa.t0123456789abcdef3ffedcba987654321", "Z9HG4BK77aa.t0123456789abcdef3ffedcba9876543210"})
      CPPUNIT_ASSERT_MESSAGE(text, !Branch::parse(text, "77aa"));
  }
  // C23
  void replyOfAnotherMethodHasAnotherKey() {
    const Branch branch{5, 1, 9};
    CPPUNIT_ASSERT(!(branch.key(Method::invite) == branch.key(Method::options)));
    CPPUNIT_ASSERT(!(branch.key(Method::invite) == branch.key(Method::cancel)));
  }
  // D15: the top Via differs when it returns, and so may Max-Forwards and Record-Route
  void loopValueKeepsWhenNothingThatRoutesChanges() {
    Parsed first(Stage::request("INVITE", "z9hG4bKone")),
        second(Stage::request("INVITE", "z9hG4bKtwo", "Record-Route: <sip:10.0.0.9;lr>\r\n"));
    CPPUNIT_ASSERT_EQUAL(loopValue(Secret, first.message), loopValue(Secret, second.message));
  }
  // D14
  void loopValueChangesWithRequestUri() {
    Parsed first(Stage::request("INVITE")), second(Stage::request("INVITE", "z9hG4bKcaller1", "", "sip:carol@10.0.0.2"));
    CPPUNIT_ASSERT(loopValue(Secret, first.message) != loopValue(Secret, second.message));
  }
  void loopIsSeenInAnyVia() {
    char text[100];
    const std::string_view branch(text, static_cast<size_t>(Branch{7, 1, 9}.write(text, "77aa") - text));
    const Parsed passed(
        Stage::request("INVITE", "z9hG4bKother", "Via: SIP/2.0/UDP x, SIP/2.0/UDP 10.0.0.100;branch=" + std::string(branch) + "\r\n"));
    CPPUNIT_ASSERT(hasLooped(passed.message, "77aa", 7));
    CPPUNIT_ASSERT(!hasLooped(passed.message, "77aa", 8));
    CPPUNIT_ASSERT(!hasLooped(passed.message, "77ab", 7));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(TransactionKeyTest);
