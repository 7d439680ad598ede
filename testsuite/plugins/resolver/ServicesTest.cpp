#include <cppunit/extensions/HelperMacros.h>

#include <cmath>
#include <map>

#include "Services.h"

using namespace Patchbay;
using namespace Patchbay::Resolver;
using Transport::Protocol;
using Records = std::vector<NameServer::Record>;

class ServicesTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ServicesTest);
  CPPUNIT_TEST(takesPointersInTheirOrder);
  CPPUNIT_TEST(takesOnlyWhatWeOffer);
  CPPUNIT_TEST(sipsTakesOnlyTls);
  CPPUNIT_TEST(passesOverPointersThatAreNotForUs);
  CPPUNIT_TEST(namesServicesWithoutPointers);
  CPPUNIT_TEST(ordersByPriority);
  CPPUNIT_TEST(sharesByWeight);
  CPPUNIT_TEST(sharesTheRestByWeight);
  CPPUNIT_TEST(noWeightIsNextToNothing);
  CPPUNIT_TEST(withoutWeightsAllAreEqual);
  CPPUNIT_TEST(theSameSeedGivesTheSameOrder);
  CPPUNIT_TEST(theSameKeyGivesTheSameOrder);
  CPPUNIT_TEST(keysShareByWeight);
  CPPUNIT_TEST(aKeyKeepsItsPlaceWhenAnotherGoes);
  CPPUNIT_TEST(addressesAreOrderedByKey);
  CPPUNIT_TEST_SUITE_END();

  static Offers offers(std::initializer_list<Protocol> protocols) {
    Offers offers;
    for (const auto protocol : protocols) {
      Transport::Listener listener;
      listener.protocol = protocol;
      listener.local = *Runtime::Endpoint::parse("192.0.2.9:5060");
      offers.add(listener);
    }
    return offers;
  }
  static NameServer::Record pointer(uint16_t order, uint16_t preference, const char* service, const char* target, const char* flags = "s") {
    return {.priority = order, .weight = preference, .target = target, .flags = flags, .service = service};
  }
  static NameServer::Record service(uint16_t priority, uint16_t weight, const char* target) {
    return {.priority = priority, .weight = weight, .port = 5060, .target = target};
  }
  static std::string text(const std::vector<ServiceName>& services) {
    std::string out;
    for (const auto& service : services) out += std::string(Transport::nameOf(service.protocol)) + ":" + service.name + " ";
    return out;
  }
  static std::string text(const Records& records) {
    std::string out;
    for (const auto& record : records) out += record.target + " ";
    return out;
  }
  /// How often each comes first, or at `place`, in 10,000 draws.
  std::map<std::string, int> shares(const Records& records, size_t place = 0) {
    std::map<std::string, int> counts;
    for (int i = 0; i < 10000; ++i) {
      auto drawn = records;
      orderServices(drawn, 0, *random);
      ++counts[drawn.at(place).target];
    }
    return counts;
  }
  static void checkShare(double share, int count) {
    CPPUNIT_ASSERT_MESSAGE(std::to_string(count), std::abs(count - share * 10000) <= share * 10000 * 0.05);
  }

  const Offers all = offers({Protocol::udp, Protocol::tcp, Protocol::tls});
  const std::unique_ptr<Runtime::Random> random = Runtime::makeSeededRandom(3);

 public:
  // I04; RFC 3263, 4.1
  void takesPointersInTheirOrder() {
    const Records pointers{pointer(20, 0, "sip+d2u", "u"), pointer(10, 50, "sip+d2t", "t"), pointer(10, 10, "sips+d2t", "s"),
                           pointer(30, 0, "sip+d2u", "again")};
    CPPUNIT_ASSERT_EQUAL(std::string("tls:s tcp:t udp:u "), text(servicesOf(pointers, false, all)));
  }
  // I04
  void takesOnlyWhatWeOffer() {
    const Records pointers{pointer(10, 0, "sips+d2t", "s"), pointer(20, 0, "sip+d2t", "t"), pointer(30, 0, "sip+d2u", "u")};
    CPPUNIT_ASSERT_EQUAL(std::string("udp:u "), text(servicesOf(pointers, false, offers({Protocol::udp}))));
    CPPUNIT_ASSERT_EQUAL(std::string(), text(servicesOf(pointers, true, offers({Protocol::udp}))));
  }
  // I04
  void sipsTakesOnlyTls() {
    const Records pointers{pointer(10, 0, "sip+d2t", "t"), pointer(30, 0, "sips+d2t", "s")};
    CPPUNIT_ASSERT_EQUAL(std::string("tls:s "), text(servicesOf(pointers, true, all)));
    CPPUNIT_ASSERT_EQUAL(std::string("tls:_sips._tcp.h "), text(servicesOf("h", true, all)));
  }
  void passesOverPointersThatAreNotForUs() {
    const Records pointers{pointer(1, 0, "sip+d2s", "sctp"), pointer(1, 0, "e2u+sip", "enum"),   pointer(1, 0, "sip+d2w", "ws"),
                           pointer(1, 0, "sip+d2u", ""),     pointer(1, 0, "sip+d2u", "a", "a"), pointer(2, 0, "sip+d2t", "t")};
    CPPUNIT_ASSERT_EQUAL(std::string("tcp:t "), text(servicesOf(pointers, false, all)));
  }
  void namesServicesWithoutPointers() {
    CPPUNIT_ASSERT_EQUAL(std::string("udp:_sip._udp.h tcp:_sip._tcp.h tls:_sips._tcp.h "), text(servicesOf("h", false, all)));
    CPPUNIT_ASSERT_EQUAL(std::string("tcp:_sip._tcp.h "), text(servicesOf("h", false, offers({Protocol::tcp}))));
  }
  // I01
  void ordersByPriority() {
    for (int i = 0; i < 100; ++i) {
      Records records{service(20, 65535, "third"), service(10, 1, "first"), service(65535, 9, "last"), service(15, 0, "second")};
      orderServices(records, static_cast<uint64_t>(i), *random);
      CPPUNIT_ASSERT_EQUAL(std::string("first second third last "), text(records));
    }
  }
  // I01
  void sharesByWeight() {
    const auto counts = shares({service(1, 60, "a"), service(1, 30, "b"), service(1, 10, "c"), service(2, 1000, "d")});
    checkShare(0.6, counts.at("a"));
    checkShare(0.3, counts.at("b"));
    checkShare(0.1, counts.at("c"));
    CPPUNIT_ASSERT(!counts.contains("d"));
    const auto even = shares({service(1, 1, "a"), service(1, 1, "b")});
    checkShare(0.5, even.at("a"));
  }
  // I01: the second one by the weights that are left
  void sharesTheRestByWeight() {
    const auto counts = shares({service(1, 60, "a"), service(1, 30, "b"), service(1, 10, "c")}, 1);
    checkShare(0.6 * 30 / 40 + 0.1 * 30 / 90, counts.at("b"));
  }
  // I01; RFC 2782
  void noWeightIsNextToNothing() {
    const auto counts = shares({service(1, 0, "zero"), service(1, 100, "a")});
    CPPUNIT_ASSERT(counts.at("zero") > 30);
    CPPUNIT_ASSERT(counts.at("zero") < 200);
  }
  void withoutWeightsAllAreEqual() {
    const auto counts = shares({service(1, 0, "a"), service(1, 0, "b"), service(1, 0, "c"), service(1, 0, "d")});
    for (const char* target : {"a", "b", "c", "d"}) checkShare(0.25, counts.at(target));
  }
  void theSameSeedGivesTheSameOrder() {
    const Records records{service(1, 1, "a"), service(1, 1, "b"), service(1, 1, "c"), service(1, 1, "d")};
    const auto one = Runtime::makeSeededRandom(9), two = Runtime::makeSeededRandom(9);
    for (int i = 0; i < 50; ++i) {
      auto first = records, second = records;
      orderServices(first, 0, *one);
      orderServices(second, 0, *two);
      CPPUNIT_ASSERT_EQUAL(text(first), text(second));
    }
  }
  // I12
  void theSameKeyGivesTheSameOrder() {
    for (uint64_t key = 1; key < 50; ++key) {
      Records one{service(1, 10, "a"), service(1, 20, "b"), service(1, 0, "c")}, two{one[2], one[1], one[0]};
      orderServices(one, key, *random);
      orderServices(two, key, *random);
      CPPUNIT_ASSERT_EQUAL(text(one), text(two));
    }
  }
  // I01, I12
  void keysShareByWeight() {
    std::map<std::string, int> counts;
    for (uint64_t key = 1; key <= 10000; ++key) {
      Records records{service(1, 70, "a"), service(1, 30, "b")};
      orderServices(records, key, *random);
      ++counts[records[0].target];
    }
    checkShare(0.7, counts.at("a"));
    checkShare(0.3, counts.at("b"));
  }
  // I12: also after the list of targets has changed
  void aKeyKeepsItsPlaceWhenAnotherGoes() {
    for (uint64_t key = 1; key < 200; ++key) {
      Records all{service(1, 10, "a"), service(1, 20, "b"), service(1, 10, "c")};
      orderServices(all, key, *random);
      Records less(all.begin(), all.end() - 1);
      orderServices(less, key, *random);
      CPPUNIT_ASSERT_EQUAL(all[0].target, less[0].target);
    }
  }
  // I12
  void addressesAreOrderedByKey() {
    std::vector<Runtime::IpAddress> one;
    for (const char* text : {"192.0.2.1", "192.0.2.2", "192.0.2.3"}) one.push_back(*Runtime::IpAddress::parse(text));
    std::map<std::string, int> counts;
    for (uint64_t key = 1; key < 100; ++key) {
      auto two = std::vector(one.rbegin(), one.rend());
      orderAddresses(one, key);
      orderAddresses(two, key);
      CPPUNIT_ASSERT(one == two);
      ++counts[one[0].toString()];
    }
    CPPUNIT_ASSERT_EQUAL(size_t{3}, counts.size());
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ServicesTest);
