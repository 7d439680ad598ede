#include <cppunit/extensions/HelperMacros.h>

#include <Poco/JSON/Object.h>

#include "Reference.h"
#include "TestPaths.h"
#include "Traffic.h"
#include "patchbay/witness/Witness.h"

namespace Patchbay::Testsuite {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

/// The interfaces at which plug-ins meet, used by a bundle of the tests' own (`witness`) in the whole server.
class MeetingPointsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(MeetingPointsTest);
  CPPUNIT_TEST(observerSeesATransactionFromBeginningToEnd);
  CPPUNIT_TEST(observerSeesWhatTheRulesAnswer);
  CPPUNIT_TEST(ownRequestIsAnswered);
  CPPUNIT_TEST(ownRequestTimesOut);
  CPPUNIT_TEST(ownRequestToAnUnreachableNameIsTold);
  CPPUNIT_TEST(locationEventsCarryOrderAndOrigin);
  CPPUNIT_TEST(claimantComesBeforeTheRules);
  CPPUNIT_TEST(destinationSetIsListedForwardedAndForked);
  CPPUNIT_TEST(stepObserverSeesEveryStep);
  CPPUNIT_TEST(operationIsDeclaredAndRuns);
  CPPUNIT_TEST(tableOfItsOwnIsWrittenAndRead);
  CPPUNIT_TEST_SUITE_END();

  /// The server with the witness in it.
  struct Scene {
    Scene() : world(settings()) {
      world.start();
      witness = &world.server().services().find<Witness::Service>();
    }
    static World::Settings settings() {
      auto settings = Traffic::settings();
      settings.configuration = sourceFolder() + "/testsuite/world/test/witness.xml";
      settings.bundles = {"pause", "witness"};
      settings.names = {{.name = "silent.test", .kind = Scenario::Name::Kind::silent}};
      return settings;
    }
    void send(const std::string& method, const std::string& uri, const std::string& id, const std::string& lines = "") {
      auto text = Traffic(world).request(method, uri, id);
      world.send(Traffic::caller(), world.listener(), text.insert(text.find("Content-Length"), lines));
    }
    void phoneAnswers(const std::string& request, const std::string& status) {
      world.send(Traffic::phone(), world.listener(), answerTo(request, status));
    }
    /// What was sent to the phone since the last time; fails unless it is one datagram.
    std::string atPhone() {
      const auto sent = at(Traffic::phone());
      CPPUNIT_ASSERT_EQUAL(size_t(1), sent.size());
      return sent[0];
    }
    Lines at(const Runtime::Endpoint& peer) {
      Lines texts;
      for (const auto& sent : world.take())
        if (sent.packet.to == peer) texts.push_back(sent.packet.octets);
      return texts;
    }
    World world;
    Witness::Service* witness = nullptr;
  };

  static void same(const Lines& expected, const Lines& found) {
    std::string text;
    for (const auto& line : found) text += line + "\n";
    CPPUNIT_ASSERT_MESSAGE(text, expected == found);
  }

  /// tm observers; a snapshot's part, and that it is held.
  void observerSeesATransactionFromBeginningToEnd() {
    Scene scene;
    CPPUNIT_ASSERT(!scene.witness->snapshotHeld());
    scene.send("INVITE", "sip:bob@127.0.0.1:6004", "call");
    same({"created INVITE said in the configuration", "branch sip:bob@127.0.0.1:6004 127.0.0.1:6004"}, scene.witness->take("tm"));
    const auto invite = scene.atPhone();
    scene.phoneAnswers(invite, "180 Ringing");
    same({"reply 180 to call"}, scene.witness->take("tm"));
    scene.phoneAnswers(invite, "486 Busy Here");
    same({"reply 486 to call", "final 486 to call"}, scene.witness->take("tm"));
    CPPUNIT_ASSERT(scene.witness->snapshotHeld());
    scene.world.runUntil(100s);
    same({"ended"}, scene.witness->take("tm"));
    CPPUNIT_ASSERT(!scene.witness->snapshotHeld());
  }
  void observerSeesWhatTheRulesAnswer() {
    Scene scene;
    scene.send("MESSAGE", "sip:wait@127.0.0.1", "m1");
    same({"created MESSAGE said in the configuration"}, scene.witness->take("tm"));
    scene.world.runUntil(1s);
    same({"final 480 to m1"}, scene.witness->take("tm"));
    scene.world.runUntil(100s);
    same({"ended"}, scene.witness->take("tm"));
  }

  void ownRequestIsAnswered() {
    Scene scene;
    CPPUNIT_ASSERT(scene.witness->ask("sip:127.0.0.1:6004", 0s));
    scene.world.runUntil(0s);
    const auto options = scene.atPhone();
    CPPUNIT_ASSERT_EQUAL(std::string("OPTIONS sip:127.0.0.1:6004 SIP/2.0"), options.substr(0, options.find("\r\n")));
    CPPUNIT_ASSERT(options.find("\r\nX-Asked-By: witness\r\n") != std::string::npos);
    same({}, scene.witness->take("answer"));
    scene.phoneAnswers(options, "200 Here I Am");
    same({"200 Here I Am"}, scene.witness->take("answer"));
    same({"reply 200"}, scene.witness->take("claim"));
    scene.phoneAnswers(options, "200 Here I Am");
    scene.world.runUntil(100s);
    same({}, scene.witness->take("answer"));
    same({}, scene.witness->take("tm"));
    CPPUNIT_ASSERT_EQUAL(0.0, scene.world.metric("tm_transactions"));
  }
  void ownRequestTimesOut() {
    Scene scene;
    CPPUNIT_ASSERT(scene.witness->ask("sip:127.0.0.1:6004", 5s));
    CPPUNIT_ASSERT(scene.witness->ask("sip:127.0.0.1:6005", 0s));
    scene.world.runUntil(4999ms);
    same({}, scene.witness->take("answer"));
    scene.world.runUntil(5s);
    same({"408 without a reply"}, scene.witness->take("answer"));
    scene.world.runUntil(31999ms);
    same({}, scene.witness->take("answer"));
    scene.world.runUntil(32s);
    same({"408 without a reply"}, scene.witness->take("answer"));
    scene.world.runUntil(100s);
    CPPUNIT_ASSERT_EQUAL(0.0, scene.world.metric("tm_transactions"));
  }
  void ownRequestToAnUnreachableNameIsTold() {
    Scene scene;
    CPPUNIT_ASSERT(!scene.witness->ask("tel:+15551234", 0s));
    CPPUNIT_ASSERT(scene.witness->ask("sip:silent.test", 0s));
    scene.world.runUntil(100s);
    same({"503 without a reply"}, scene.witness->take("answer"));
    CPPUNIT_ASSERT(scene.world.take().empty());
  }

  void locationEventsCarryOrderAndOrigin() {
    Scene scene;
    const auto save = [&](int cseq, const std::string& expires) {
      auto text = Traffic(scene.world).request("REGISTER", "sip:127.0.0.1", "r" + std::to_string(cseq));
      text.replace(text.find("CSeq: 1"), 7, "CSeq: " + std::to_string(cseq));
      text.replace(text.find("Call-ID: r" + std::to_string(cseq)), 9 + 1 + std::to_string(cseq).size(), "Call-ID: registration");
      text.replace(text.find("To: <sip:127.0.0.1>"), 19, "To: <sip:alice@127.0.0.1>");
      scene.world.send(Traffic::caller(), scene.world.listener(), text.insert(text.find("Content-Length"), "Expires: " + expires + "\r\n"));
    };
    const std::string what = " in location: alice@127.0.0.1 sip:alice@127.0.0.1:6001";
    save(1, "600");
    same({"1 insert by registrar" + what}, scene.witness->take("usrloc"));
    save(2, "600");
    same({"2 update by registrar" + what}, scene.witness->take("usrloc"));
    save(3, "0");
    same({"3 remove by registrar" + what}, scene.witness->take("usrloc"));
    save(4, "600");
    scene.witness->take("usrloc");
    scene.world.runUntil(599s);
    same({}, scene.witness->take("usrloc"));
    scene.world.runUntil(700s);
    const auto expired = scene.witness->take("usrloc");
    CPPUNIT_ASSERT_EQUAL(size_t(1), expired.size());
    CPPUNIT_ASSERT_EQUAL(std::string("5 expire by "), expired[0].substr(0, 12));
    CPPUNIT_ASSERT_EQUAL(what, expired[0].substr(expired[0].find(" in location")));
  }

  void claimantComesBeforeTheRules() {
    Scene scene;
    scene.send("CLAIM", "sip:bob@127.0.0.1:6004", "c1");
    same({"request from 127.0.0.1:6001"}, scene.witness->take("claim"));
    same({}, scene.witness->take("step"));
    const auto answers = scene.at(Traffic::caller());
    CPPUNIT_ASSERT_EQUAL(size_t(1), answers.size());
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0 200 Claimed"), answers[0].substr(0, answers[0].find("\r\n")));
    CPPUNIT_ASSERT(answers[0].find("\r\nX-Claimed-By: witness\r\n") != std::string::npos);
    CPPUNIT_ASSERT_EQUAL(0.0, scene.world.metric("tm_transactions"));
  }

  /// What `append_branch` adds: a 300 lists all, `forward` takes the first, `t_relay` all.
  void destinationSetIsListedForwardedAndForked() {
    Scene scene;
    const auto second = *Runtime::Endpoint::parse("127.0.0.1:6005");
    scene.send("OPTIONS", "sip:two@127.0.0.1:6004", "o1");
    const auto listed = scene.at(Traffic::caller());
    CPPUNIT_ASSERT_EQUAL(size_t(1), listed.size());
    CPPUNIT_ASSERT_EQUAL(std::string("SIP/2.0 300 "), listed[0].substr(0, 12));
    CPPUNIT_ASSERT_EQUAL(std::string("Contact: <sip:two@127.0.0.1:6004>;q=1.000\r\nContact: <sip:second@127.0.0.1:6005>;q=0.500\r\n"),
                         headersOf(listed[0], {"Contact"}));
    scene.send("INFO", "sip:two@127.0.0.1:6004", "i1");
    const auto forwarded = scene.world.take();
    CPPUNIT_ASSERT_EQUAL(size_t(1), forwarded.size());
    CPPUNIT_ASSERT(forwarded[0].packet.to == Traffic::phone());
    scene.send("MESSAGE", "sip:two@127.0.0.1:6004", "m1");
    const auto forked = scene.world.take();
    CPPUNIT_ASSERT_EQUAL(size_t(2), forked.size());
    CPPUNIT_ASSERT(forked[0].packet.to == Traffic::phone() && forked[1].packet.to == second);
    same({"created MESSAGE said in the configuration", "branch sip:two@127.0.0.1:6004 127.0.0.1:6004",
          "branch sip:second@127.0.0.1:6005 127.0.0.1:6005"},
         scene.witness->take("tm"));
  }

  void stepObserverSeesEveryStep() {
    Scene scene;
    scene.send("MESSAGE", "sip:wait@127.0.0.1", "m1");
    const auto waits = scene.witness->take("step");
    CPPUNIT_ASSERT(!waits.empty());
    CPPUNIT_ASSERT_EQUAL(std::string("waits: pause suspended"), waits.back());
    scene.world.runUntil(1s);
    same({"waits: pause yes", "waits: sl_send_reply settled"}, scene.witness->take("step"));
  }

  void operationIsDeclaredAndRuns() {
    Scene scene;
    scene.send("CLAIM", "sip:bob@127.0.0.1:6004", "c1");
    const Application::Reference reference(scene.world.server().bundles());
    const Admin::Operation* found = nullptr;
    for (const auto& bundle : scene.world.server().bundles())
      for (const auto& operation : bundle.declaration.operations) {
        if (operation.name != "witness.show") continue;
        found = &operation;
        const auto page = reference.page(bundle);
        const std::string line = "| `witness.show` | `GET /api/v1/witness/{kind}` | How many lines were written down. |";
        CPPUNIT_ASSERT_MESSAGE(page, page.find(line) != std::string::npos);
      }
    CPPUNIT_ASSERT(found);
    const auto answer = found->run({{"kind", "claim"}});
    CPPUNIT_ASSERT_EQUAL(200, answer.status);
    CPPUNIT_ASSERT_EQUAL(1, answer.body.extract<Poco::JSON::Object::Ptr>()->getValue<int>("lines"));
  }

  void tableOfItsOwnIsWrittenAndRead() {
    Scene scene;
    const auto happens = [&] {
      scene.world.runUntil(scene.world.time() + 1s);
      return scene.witness->take("data");
    };
    scene.witness->recall("alice");
    same({"nobody"}, happens());
    scene.witness->remember("alice", 1);
    same({"alice kept"}, happens());
    scene.witness->remember("alice", 2);
    same({"alice kept"}, happens());
    scene.witness->recall("alice");
    same({"alice 2"}, happens());
    scene.witness->recall("it's; DROP TABLE witness");
    same({"nobody"}, happens());
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(MeetingPointsTest);

}  // namespace Patchbay::Testsuite
