#include <cppunit/extensions/HelperMacros.h>

#include <set>
#include <string>

#include "Nonces.h"

using namespace Patchbay;
using namespace std::chrono_literals;
using Auth::Nonces;
using State = Auth::Nonces::Reading::State;

class NoncesTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(NoncesTest);
  CPPUNIT_TEST(knowsItsOwn);
  CPPUNIT_TEST(beginsWithTheTime);
  CPPUNIT_TEST(refusesOneThatWasAlteredInAnyOctet);
  CPPUNIT_TEST(refusesThoseOfOtherSecretsAndRealms);
  CPPUNIT_TEST(refusesOnesThatAreNone);
  CPPUNIT_TEST(isGoodForItsTime);
  CPPUNIT_TEST(isGoodForItsClient);
  CPPUNIT_TEST(knowsThoseOfItsPeers);
  CPPUNIT_TEST(makesNoneTwice);
  CPPUNIT_TEST_SUITE_END();

  std::unique_ptr<Runtime::Random> random = Runtime::makeSeededRandom(7);
  const Runtime::IpAddress client = *Runtime::IpAddress::parse("192.0.2.10");
  const Runtime::WallTime now{1767225600s};
  const Nonces::Settings usual{{1, 2}, 77, 300s, true, false};

  std::string make(const Nonces& nonces, const Runtime::IpAddress& source) {
    std::string text(Nonces::Length, ' ');
    CPPUNIT_ASSERT(nonces.write("example.org", source, now, *random, text.data()) == text.data() + text.size());
    return text;
  }
  State stateOf(const Nonces& nonces, const std::string& text, Runtime::Duration later = 0s) const {
    const auto when = now + std::chrono::duration_cast<Runtime::WallTime::duration>(later);
    return nonces.read(text, "example.org", client, when).state;
  }

 public:
  void knowsItsOwn() {
    const Nonces nonces(usual);
    CPPUNIT_ASSERT(stateOf(nonces, make(nonces, client)) == State::sound);
  }
  // REQ 87
  void beginsWithTheTime() { CPPUNIT_ASSERT_EQUAL(std::string("6955b900"), make(Nonces(usual), client).substr(0, 8)); }
  // F08
  void refusesOneThatWasAlteredInAnyOctet() {
    const Nonces nonces(usual);
    const std::string good = make(nonces, client);
    for (size_t at = 0; at < good.size(); ++at)
      for (int octet = 0; octet < 256; ++octet) {
        std::string altered = good;
        altered[at] = static_cast<char>(octet);
        CPPUNIT_ASSERT(altered == good || stateOf(nonces, altered) == State::forged);
      }
  }
  // F08
  void refusesThoseOfOtherSecretsAndRealms() {
    auto other = usual;
    other.key = {1, 3};
    CPPUNIT_ASSERT(stateOf(Nonces(usual), make(Nonces(other), client)) == State::forged);
    const Nonces nonces(usual);
    CPPUNIT_ASSERT(nonces.read(make(nonces, client), "example.net", client, now).state == State::forged);
  }
  void refusesOnesThatAreNone() {
    const Nonces nonces(usual);
    const std::string good = make(nonces, client);
    for (size_t length = 0; length < good.size(); ++length) CPPUNIT_ASSERT(stateOf(nonces, good.substr(0, length)) == State::forged);
    CPPUNIT_ASSERT(stateOf(nonces, good + "A") == State::forged);
  }
  // F05, F08
  void isGoodForItsTime() {
    const Nonces nonces(usual);
    const std::string good = make(nonces, client);
    CPPUNIT_ASSERT(stateOf(nonces, good, 300s) == State::sound);
    CPPUNIT_ASSERT(stateOf(nonces, good, 301s) == State::stale);
    CPPUNIT_ASSERT(stateOf(nonces, good, -60s) == State::sound);
    CPPUNIT_ASSERT(stateOf(nonces, good, -61s) == State::stale);
  }
  void isGoodForItsClient() {
    const Nonces nonces(usual);
    CPPUNIT_ASSERT(stateOf(nonces, make(nonces, *Runtime::IpAddress::parse("192.0.2.11"))) == State::stale);
    const auto read = [&](const char* from, const char* to) {
      return nonces.read(make(nonces, *Runtime::IpAddress::parse(from)), "example.org", *Runtime::IpAddress::parse(to), now).state;
    };
    CPPUNIT_ASSERT(read("2001:db8::1", "2001:db8::2") == State::sound);
    CPPUNIT_ASSERT(read("2001:db8::1", "2001:db8:0:1::1") == State::stale);
    auto free = usual;
    free.bindSource = false;
    CPPUNIT_ASSERT(stateOf(Nonces(free), make(Nonces(free), *Runtime::IpAddress::parse("192.0.2.11"))) == State::sound);
  }
  // F09, F10
  void knowsThoseOfItsPeers() {
    auto other = usual, generous = usual;
    other.process = 78;
    generous.acceptOthers = true;
    const std::string theirs = make(Nonces(other), client);
    CPPUNIT_ASSERT(stateOf(Nonces(usual), theirs) == State::stale);
    CPPUNIT_ASSERT(stateOf(Nonces(generous), theirs) == State::sound);
  }
  void makesNoneTwice() {
    const Nonces nonces(usual);
    std::set<std::string> all;
    std::set<uint64_t> ids;
    for (int i = 0; i < 10000; ++i) {
      all.insert(make(nonces, client));
      ids.insert(nonces.read(*all.rbegin(), "example.org", client, now).id);
    }
    CPPUNIT_ASSERT_EQUAL(size_t{10000}, all.size());
    CPPUNIT_ASSERT(ids.size() > 1);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(NoncesTest);
