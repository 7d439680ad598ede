#include <cppunit/extensions/HelperMacros.h>

#include "DnsAnswer.h"
#include "DnsMessage.h"
#include "DnsReader.h"
#include "patchbay/runtime/Random.h"

using namespace Patchbay;
using namespace Patchbay::Resolver;
using namespace std::chrono_literals;
using Type = NameServer::Type;
using Failure = NameServer::Failure;

namespace {

constexpr size_t A = 1, Alias = 5, Aaaa = 28, Srv = 33, Naptr = 35;
const std::string Address("\xc0\0\2\1", 4), Address6("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16);

/// From memory of its own and of just that size, so that a sanitizer sees any reading on.
DnsAnswer read(const std::string& octets, const std::string& name = "a.test", Type type = Type::a) {
  const std::vector<char> exact(octets.begin(), octets.end());
  return DnsAnswer::read({exact.data(), exact.size()}, name, type);
}
DnsAnswer readOne(size_t type, const std::string& record) {
  return read(Dns::Message{"a.test", type, 1, record}.str(), "a.test", static_cast<Type>(type));
}
bool malformed(const DnsAnswer& read) {
  return read.answer.outcome == Outcome::failed && read.answer.failure == Failure::malformed && read.answer.records.empty();
}

}  // namespace

class DnsAnswerTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(DnsAnswerTest);
  CPPUNIT_TEST(readsAddresses);
  CPPUNIT_TEST(readsServices);
  CPPUNIT_TEST(readsPointers);
  CPPUNIT_TEST(readsCompressedNames);
  CPPUNIT_TEST(foldsCase);
  CPPUNIT_TEST(takesTheLeastTimeToLive);
  CPPUNIT_TEST(aTimeWithTheHighestBitIsZero);
  CPPUNIT_TEST(followsAliasesInAnyOrder);
  CPPUNIT_TEST(saysWhereAnAliasEnds);
  CPPUNIT_TEST(refusesAliasesInACircle);
  CPPUNIT_TEST(limitsAliases);
  CPPUNIT_TEST(saysWhatIsNotThereAndHowLong);
  CPPUNIT_TEST(tellsABrokenServer);
  CPPUNIT_TEST(passesOverOtherRecords);
  CPPUNIT_TEST(passesOverTargetsThatAreNoNames);
  CPPUNIT_TEST(refusesCompressionLoops);
  CPPUNIT_TEST(refusesLongLabelsAndNames);
  CPPUNIT_TEST(refusesWrongLengths);
  CPPUNIT_TEST(refusesTheAnswerToAnotherQuestion);
  CPPUNIT_TEST(refusesWhatIsNoAnswer);
  CPPUNIT_TEST(boundsRecords);
  CPPUNIT_TEST(survivesEveryCut);
  CPPUNIT_TEST(survivesEveryOctetChanged);
  CPPUNIT_TEST(survivesNoise);
  CPPUNIT_TEST(writesAndReadsNames);
  CPPUNIT_TEST_SUITE_END();

 public:
  void readsAddresses() {
    const auto v4 = readOne(A, Dns::record(A, 60, Address)).answer;
    CPPUNIT_ASSERT(v4.outcome == Outcome::found);
    CPPUNIT_ASSERT_EQUAL(std::string("192.0.2.1"), v4.records.at(0).address.toString());
    CPPUNIT_ASSERT(v4.ttl == 60s);
    CPPUNIT_ASSERT_EQUAL(std::string("2001:db8::1"),
                         readOne(Aaaa, Dns::record(Aaaa, 60, Address6)).answer.records.at(0).address.toString());
  }
  void readsServices() {
    const auto answer = readOne(Srv, Dns::record(Srv, 1, Dns::service(10, 60, 5070, "gw1.test"))).answer;
    const auto& record = answer.records.at(0);
    CPPUNIT_ASSERT_EQUAL(uint16_t{10}, record.priority);
    CPPUNIT_ASSERT_EQUAL(uint16_t{60}, record.weight);
    CPPUNIT_ASSERT_EQUAL(uint16_t{5070}, record.port);
    CPPUNIT_ASSERT_EQUAL(std::string("gw1.test"), record.target);
    CPPUNIT_ASSERT(answer.ttl == 1s);
    CPPUNIT_ASSERT_EQUAL(std::string(), readOne(Srv, Dns::record(Srv, 1, Dns::service(0, 0, 0, ""))).answer.records.at(0).target);
  }
  void readsPointers() {
    const auto answer = readOne(Naptr, Dns::record(Naptr, 60, Dns::pointer(10, 50, "S", "SIP+D2U", "", "_sip._udp.test"))).answer;
    const auto& record = answer.records.at(0);
    CPPUNIT_ASSERT_EQUAL(std::string("s"), record.flags);
    CPPUNIT_ASSERT_EQUAL(std::string("sip+d2u"), record.service);
    CPPUNIT_ASSERT_EQUAL(std::string("_sip._udp.test"), record.target);
    CPPUNIT_ASSERT_EQUAL(uint16_t{10}, record.priority);
    CPPUNIT_ASSERT_EQUAL(uint16_t{50}, record.weight);
    const auto rewriting = readOne(Naptr, Dns::record(Naptr, 60, Dns::pointer(10, 50, "u", "E2U+sip", "!^.*$!sip:x@y!", "")));
    CPPUNIT_ASSERT(rewriting.answer.outcome == Outcome::notFound);
  }
  void readsCompressedNames() {
    const std::string data = Dns::number16(1) + Dns::number16(2) + Dns::number16(5060) + "\3gw1\xc0\x0e";  // gw1 and the question's "test"
    CPPUNIT_ASSERT_EQUAL(std::string("gw1.test"), readOne(Srv, Dns::record(Srv, 60, data)).answer.records.at(0).target);
  }
  void foldsCase() {
    const auto answer = read(Dns::Message{"A.TesT", A, 1, Dns::record(A, 60, Address, Dns::name("a.TEST"))}.str()).answer;
    CPPUNIT_ASSERT(answer.outcome == Outcome::found);
  }
  void takesTheLeastTimeToLive() {
    const auto records = Dns::record(A, 60, Address) + Dns::record(A, 20, Address) + Dns::record(A, 90, Address);
    CPPUNIT_ASSERT(read(Dns::Message{"a.test", A, 3, records}.str()).answer.ttl == 20s);
  }
  // I07; RFC 2181, 8
  void aTimeWithTheHighestBitIsZero() {
    CPPUNIT_ASSERT(readOne(A, Dns::record(A, 0x80000000u, Address)).answer.ttl == 0s);
    CPPUNIT_ASSERT(readOne(A, Dns::record(A, 0x7fffffffu, Address)).answer.ttl == std::chrono::seconds(0x7fffffff));
    CPPUNIT_ASSERT(readOne(A, Dns::record(A, 0, Address)).answer.ttl == 0s);
  }
  // I08
  void followsAliasesInAnyOrder() {
    const auto records = Dns::record(A, 60, Address, Dns::name("c.test")) +
                         Dns::record(Alias, 30, Dns::name("c.test"), Dns::name("b.test")) + Dns::record(Alias, 90, Dns::name("b.test"));
    const auto answer = read(Dns::Message{"a.test", A, 3, records}.str()).answer;
    CPPUNIT_ASSERT(answer.outcome == Outcome::found);
    CPPUNIT_ASSERT(answer.ttl == 30s);
  }
  // I08
  void saysWhereAnAliasEnds() {
    const auto result = read(Dns::Message{"a.test", A, 1, Dns::record(Alias, 60, Dns::name("B.test"))}.str());
    CPPUNIT_ASSERT(result.answer.outcome == Outcome::notFound);
    CPPUNIT_ASSERT_EQUAL(std::string("b.test"), result.alias);
    const auto gone = read(Dns::Message{"a.test", A, 1, Dns::record(Alias, 60, Dns::name("b.test")), 3}.str());
    CPPUNIT_ASSERT_EQUAL(std::string(), gone.alias);
    const auto none = read(Dns::Message{"a.test", A, 1, Dns::record(Alias, 60, Dns::name("b.test")) + Dns::zone(60, 10), 0, 1}.str());
    CPPUNIT_ASSERT_EQUAL(std::string(), none.alias);
    CPPUNIT_ASSERT(none.answer.ttl == 10s);
  }
  // I06, I08
  void refusesAliasesInACircle() {
    CPPUNIT_ASSERT(malformed(readOne(A, Dns::record(Alias, 60, Dns::Asked))));
    const auto two = Dns::record(Alias, 60, Dns::name("b.test")) + Dns::record(Alias, 60, Dns::name("a.test"), Dns::name("b.test"));
    CPPUNIT_ASSERT(malformed(read(Dns::Message{"a.test", A, 2, two}.str())));
  }
  // I08
  void limitsAliases() {
    for (const int count : {8, 9}) {
      std::string records;
      std::string owner = "a.test";
      for (int i = 0; i < count; ++i) {
        const std::string next = "n" + std::to_string(i) + ".test";
        records += Dns::record(Alias, 60, Dns::name(next), Dns::name(owner));
        owner = next;
      }
      records += Dns::record(A, 60, Address, Dns::name(owner));
      const auto result = read(Dns::Message{"a.test", A, static_cast<size_t>(count + 1), records}.str());
      CPPUNIT_ASSERT_EQUAL(count == 9, malformed(result));
      CPPUNIT_ASSERT_EQUAL(count == 8, result.answer.outcome == Outcome::found);
    }
  }
  // I05, I07
  void saysWhatIsNotThereAndHowLong() {
    for (const int code : {0, 3}) {
      const auto bare = read(Dns::Message{"a.test", A, 0, "", code}.str()).answer;
      CPPUNIT_ASSERT(bare.outcome == Outcome::notFound);
      CPPUNIT_ASSERT(!bare.ttl);
      const auto answer = read(Dns::Message{"a.test", A, 0, Dns::zone(600, 30), code, 1}.str()).answer;
      CPPUNIT_ASSERT(answer.outcome == Outcome::notFound);
      CPPUNIT_ASSERT(answer.ttl == 30s);
      CPPUNIT_ASSERT(read(Dns::Message{"a.test", A, 0, Dns::zone(20, 30), code, 1}.str()).answer.ttl == 20s);
    }
  }
  // I05
  void tellsABrokenServer() {
    for (const int code : {1, 2, 4, 5, 15}) {
      const auto answer = read(Dns::Message{"a.test", A, 1, Dns::record(A, 60, Address), code}.str()).answer;
      CPPUNIT_ASSERT(answer.outcome == Outcome::failed);
      CPPUNIT_ASSERT(answer.failure == Failure::server);
      CPPUNIT_ASSERT(answer.records.empty());
    }
  }
  // I06
  void passesOverOtherRecords() {
    const auto records = Dns::record(A, 60, Address, Dns::name("other.test")) + Dns::record(Aaaa, 60, Address6) +
                         Dns::record(A, 60, Address, Dns::Asked, 3) + Dns::record(99, 60, "x");
    CPPUNIT_ASSERT(read(Dns::Message{"a.test", A, 4, records}.str()).answer.outcome == Outcome::notFound);
    const auto one = records + Dns::record(A, 60, Address);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, read(Dns::Message{"a.test", A, 5, one}.str()).answer.records.size());
  }
  void passesOverTargetsThatAreNoNames() {
    for (const std::string& label : {std::string("a b"), std::string("x\0y", 3), std::string("a.b"), std::string("\r\n")}) {
      const std::string data = Dns::number16(1) + Dns::number16(2) + Dns::number16(5060) + Dns::text(label) + '\0';
      const auto answer = readOne(Srv, Dns::record(Srv, 60, data)).answer;
      CPPUNIT_ASSERT(answer.outcome == Outcome::notFound);
    }
  }
  // I06
  void refusesCompressionLoops() {
    const size_t at = 12 + Dns::question("a.test", A).size();
    for (const size_t to : {at, at + 1, at + 2, size_t{0x3fff}})  // itself, its second octet, behind it, behind the end
      CPPUNIT_ASSERT(malformed(readOne(A, Dns::record(A, 60, Address, Dns::number16(0xc000 | to)))));
    // one that points before itself, to a label that ends with the pointer
    CPPUNIT_ASSERT(malformed(readOne(A, Dns::record(A, 60, Address, "\1x" + Dns::number16(0xc000 | at)))));
    CPPUNIT_ASSERT(malformed(readOne(A, Dns::record(A, 60, Address, "\x80x"))));
  }
  // I06
  void refusesLongLabelsAndNames() {
    CPPUNIT_ASSERT(malformed(readOne(A, Dns::record(A, 60, Address, Dns::text(std::string(64, 'x')) + '\0'))));
    std::string longest, more;
    for (int i = 0; i < 3; ++i) longest += Dns::text(std::string(63, 'x'));
    more = longest + Dns::text(std::string(62, 'x')) + '\0';
    longest += Dns::text(std::string(61, 'x')) + '\0';
    CPPUNIT_ASSERT_EQUAL(size_t{255}, longest.size());
    CPPUNIT_ASSERT(readOne(A, Dns::record(A, 60, Address, longest)).answer.outcome == Outcome::notFound);
    CPPUNIT_ASSERT(malformed(readOne(A, Dns::record(A, 60, Address, more))));
  }
  // I06
  void refusesWrongLengths() {
    CPPUNIT_ASSERT(malformed(readOne(A, Dns::record(A, 60, Address + "x"))));
    CPPUNIT_ASSERT(malformed(readOne(A, Dns::record(A, 60, "xyz"))));
    CPPUNIT_ASSERT(malformed(readOne(A, Dns::record(A, 60, ""))));
    CPPUNIT_ASSERT(malformed(readOne(A, Dns::record(A, 60, Address6))));
    CPPUNIT_ASSERT(malformed(readOne(Aaaa, Dns::record(Aaaa, 60, Address))));
    const auto service = Dns::service(1, 2, 3, "gw.test");
    CPPUNIT_ASSERT(malformed(readOne(Srv, Dns::record(Srv, 60, service + "x"))));
    CPPUNIT_ASSERT(malformed(readOne(Srv, Dns::record(Srv, 60, service.substr(0, service.size() - 1)))));
    CPPUNIT_ASSERT(malformed(readOne(Srv, Dns::record(Srv, 60, "abc"))));
    auto lies = Dns::record(A, 60, Address);
    lies[lies.size() - 5] = 5;  // its length, past the end
    CPPUNIT_ASSERT(malformed(readOne(A, lies)));
    CPPUNIT_ASSERT(malformed(read(Dns::Message{"a.test", A, 4000, Dns::record(A, 60, Address)}.str())));
    const auto pointer = Dns::pointer(1, 2, "s", "SIP+D2U", "", "x.test");
    for (size_t i = 0; i < pointer.size(); ++i) CPPUNIT_ASSERT(malformed(readOne(Naptr, Dns::record(Naptr, 60, pointer.substr(0, i)))));
  }
  // I06
  void refusesTheAnswerToAnotherQuestion() {
    CPPUNIT_ASSERT(malformed(read(Dns::Message{"b.test", A, 1, Dns::record(A, 60, Address)}.str())));
    CPPUNIT_ASSERT(malformed(read(Dns::Message{"a.test", Aaaa, 1, Dns::record(A, 60, Address)}.str())));
  }
  void refusesWhatIsNoAnswer() {
    CPPUNIT_ASSERT(malformed(read("")));
    CPPUNIT_ASSERT(malformed(read(Dns::Message{"a.test", A, 1, Dns::record(A, 60, Address), 0, 0, 0x0100}.str())));  // a question
    CPPUNIT_ASSERT(malformed(read(Dns::Message{"a.test", A, 1, Dns::record(A, 60, Address), 0, 0, 0x8380}.str())));  // cut
    CPPUNIT_ASSERT(malformed(read(Dns::Message{"a.test", A, 1, Dns::record(A, 60, Address), 0, 0, 0xa980}.str())));  // another operation
  }
  // I06
  void boundsRecords() {
    std::string records;
    for (int i = 0; i < 4000; ++i) records += Dns::record(A, 60, Address);
    CPPUNIT_ASSERT_EQUAL(size_t{64}, read(Dns::Message{"a.test", A, 4000, records}.str()).answer.records.size());
  }
  // I06
  void survivesEveryCut() {
    const auto whole = sample();
    CPPUNIT_ASSERT(read(whole, "_sip._udp.a.test", Type::srv).answer.outcome == Outcome::found);
    for (size_t length = 0; length < whole.size(); ++length)
      CPPUNIT_ASSERT(malformed(read(whole.substr(0, length), "_sip._udp.a.test", Type::srv)));
  }
  // I06
  void survivesEveryOctetChanged() {
    const auto whole = sample();
    size_t found = 0;
    for (size_t at = 0; at < whole.size(); ++at)
      for (int value = 0; value < 256; ++value) {
        auto changed = whole;
        changed[at] = static_cast<char>(value);
        const auto answer = read(changed, "_sip._udp.a.test", Type::srv).answer;
        CPPUNIT_ASSERT_EQUAL(answer.outcome == Outcome::found, !answer.records.empty());
        found += answer.outcome == Outcome::found;
      }
    CPPUNIT_ASSERT(found > whole.size());  // each octet once as it was, and then some
  }
  // I06
  void survivesNoise() {
    const auto random = Runtime::makeSeededRandom(7);
    const auto head = Dns::Message{"a.test", A, 3, ""}.str();
    for (int i = 0; i < 20000; ++i) {
      auto octets = head;
      for (uint64_t length = random->next() % 100; length; --length) octets += static_cast<char>(random->next());
      const auto answer = read(octets).answer;
      CPPUNIT_ASSERT_EQUAL(answer.outcome == Outcome::found, !answer.records.empty());
    }
  }
  void writesAndReadsNames() {
    CPPUNIT_ASSERT_EQUAL(std::string("\1a\4test"), wireOf("A.test"));
    CPPUNIT_ASSERT_EQUAL(std::string("a.test"), textOf(wireOf("A.test")).value());
    for (const std::string& text : {std::string(".a"), std::string("a..b"), std::string(64, 'x')}) CPPUNIT_ASSERT(wireOf(text).empty());
    CPPUNIT_ASSERT(!textOf(std::string("\3a\0b", 4)));
  }

 private:
  static std::string sample() {
    const auto owner = Dns::name("gw.test");
    return Dns::Message{"_sip._udp.a.test", Srv, 3,
                        Dns::record(Alias, 60, owner) + Dns::record(Srv, 60, Dns::service(1, 2, 5060, "x.test"), owner) +
                            Dns::record(Srv, 60, Dns::service(2, 3, 5061, "y.test"), owner)}
        .str();
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(DnsAnswerTest);
