#include <cppunit/extensions/HelperMacros.h>

#include <map>
#include <set>

#include "Ground.h"

namespace Patchbay::Testsuite {

/// The whole server under the messages of RFC 4475 and RFC 5118: REACTIONS.tsv says what it does, TABLE.tsv what it ought to and why.
class TableTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(TableTest);
  CPPUNIT_TEST(everyMessageHasItsReaction);
  CPPUNIT_TEST(proxyReactsAsTheTableDemands);
  CPPUNIT_TEST(registrarReactsAsTheTableDemands);
  CPPUNIT_TEST(shippedRulesReactAsTheTableDemands);
  CPPUNIT_TEST_SUITE_END();

  static std::string nameInTable(const std::string& name) {  // rfc5118/ipv6-good is rfc5118-wire/ipv6-good.sip
    if (!name.starts_with("rfc5118/")) return name;
    return "rfc5118-wire/" + name.substr(8) + ".sip";
  }

 public:
  void everyMessageHasItsReaction() {
    std::set<std::string> reactions;
    for (const auto& row : readTable("REACTIONS.tsv")) {
      CPPUNIT_ASSERT_MESSAGE(row[0], row.size() == 4 || row.size() == 5);
      reactions.insert(row[0]);
    }
    for (const auto& row : readTable("TABLE.tsv")) CPPUNIT_ASSERT_MESSAGE(row[0], reactions.count(nameInTable(row[0])));
  }

  // A01, A02, A03, A04
  void proxyReactsAsTheTableDemands() { react("proxy.xml", 1); }
  // A01, A02, A03, A04
  void registrarReactsAsTheTableDemands() { react("registrar.xml", 2); }
  // A03
  void shippedRulesReactAsTheTableDemands() { react("shipped.xml", 3); }

 private:
  static void react(const std::string& configuration, size_t column) {
    Ground ground(configuration);
    CPPUNIT_ASSERT(ground.alive());
    std::string differences;
    for (const auto& row : readTable("REACTIONS.tsv")) {
      const std::string octets = readTorture(row[0]);
      const auto sent = ground.play(octets);
      const std::string reaction = reactionOf(sent);
      if (reaction != row[column]) differences += "\n  " + row[0] + ": " + reaction + ", not " + row[column];
      if (reaction == "forward") differences += difference(row[0], octets, sent);
      CPPUNIT_ASSERT_MESSAGE(row[0], ground.alive());
    }
    CPPUNIT_ASSERT_EQUAL(std::string(), differences);
  }

  /// Header lines that a proxy does not have to touch, and the body, go on octet for octet.
  static std::string difference(const std::string& name, const std::string& octets, const std::vector<FakeNetwork::Packet>& sent) {
    for (const auto& packet : sent) {
      if (packet.octets.starts_with("SIP/2.0 ") || packet.octets.starts_with("CANCEL ")) continue;
      const bool strict = octets.find("\r\nRoute: <sip:127.0.0.1:5080>") != octets.npos;  // the next hop becomes the Request-URI
      if (startLine(octets) != startLine(packet.octets) && !strict)
        return "\n  " + name + ": another request line is forwarded:\n" + packet.octets;
      if (untouched(octets) != untouched(packet.octets, 1)) return "\n  " + name + ": other lines are forwarded:\n" + packet.octets;
      const std::string body = bodyOf(packet.octets);
      if (!bodyOf(octets).starts_with(body) || (body.size() != bodyOf(octets).size() && name != "rfc4475/dblreq.dat"))
        return "\n  " + name + ": another body is forwarded";
    }
    return {};
  }

  static std::string startLine(const std::string& octets) { return octets.substr(0, octets.find("\r\n")); }

  static std::vector<std::string> untouched(const std::string& octets, size_t skipped = 0) {
    auto lines = linesOf(octets);
    lines.erase(lines.begin(), lines.begin() + static_cast<ptrdiff_t>(skipped));  // our Via
    bool top = true;
    std::erase_if(lines, [&top](const std::string& line) {
      const std::string name = nameOfLine(line);
      if ((name == "via" || name == "v") && top) return !(top = false);  // gets received and rport
      return name == "max-forwards" || name == "route";
    });
    return lines;
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TableTest);

}  // namespace Patchbay::Testsuite
