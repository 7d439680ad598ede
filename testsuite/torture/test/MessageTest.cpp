#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>

#include "Ground.h"
#include "Probe.h"
#include "Protos.h"
#include "Size.h"

namespace Patchbay::Testsuite {

/// The parser alone under hostile octets, each message in a heap block of exactly its size.
class MessageTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(MessageTest);
  CPPUNIT_TEST(survivesCutsAtEveryOctet);
  CPPUNIT_TEST(soundMessagesAreTheSameWhenWrittenAnew);
  CPPUNIT_TEST(survivesEveryChangeOfOneOctet);
  CPPUNIT_TEST(survivesEveryValueInEveryPlace);
  CPPUNIT_TEST(placesAndValuesAreManyEnough);
  CPPUNIT_TEST_SUITE_END();

  /// Nothing else than a refusal with a status, or a message that stays the same when it is written anew.
  static void judge(const std::string& name, std::string_view octets) {
    Probe probe(octets);
    CPPUNIT_ASSERT_MESSAGE(name, probe.status() == 0 || (probe.status() >= 400 && probe.status() < 600));
    if (probe.status() != 0) {
      Probe::structure(probe.message());
      return;
    }
    const std::string difference = probe.roundTrip();
    if (!difference.empty()) CPPUNIT_FAIL(name + ": " + difference);
  }

  static std::vector<std::string> files() {
    std::vector<std::string> files;
    for (const auto& row : readTable("REACTIONS.tsv")) files.push_back(row[0]);
    return files;
  }

 public:
  // A05, A33
  void survivesCutsAtEveryOctet() {
    size_t whole = 0, refused = 0;
    for (const std::string& file : files()) {
      const std::string octets = readTorture(file);
      for (size_t length = 0; length < octets.size(); ++length) {
        judge(file + " cut at " + std::to_string(length), std::string_view(octets).substr(0, length));
        const bool inHeaders = length < octets.find("\r\n\r\n") + 4;
        Probe probe(std::string_view(octets).substr(0, length));
        if (inHeaders) CPPUNIT_ASSERT_MESSAGE(file, probe.status() != 0);
        refused += probe.status() != 0;
        ++whole;
      }
    }
    CPPUNIT_ASSERT(whole > 29000 && refused > 20000);
  }

  // A07
  void soundMessagesAreTheSameWhenWrittenAnew() {
    size_t sound = 0;
    for (const std::string& file : files()) {
      Probe probe(readTorture(file));
      if (probe.status() != 0) continue;
      ++sound;
      CPPUNIT_ASSERT_EQUAL_MESSAGE(file, std::string(), probe.roundTrip());
    }
    CPPUNIT_ASSERT(sound >= 35);
  }

  // A08: all positions and values of 20 messages; the small size takes every 53rd
  void survivesEveryChangeOfOneOctet() {
    const size_t step = releaseSize() ? 1 : 53;  // prime, so that all values have their turn
    const auto all = files();
    size_t seeds = 0, changes = 0;
    for (size_t i = 0; i < all.size() && seeds < 20; i += 3, ++seeds) {
      std::string octets = readTorture(all[i]);
      for (size_t change = i % step; change < octets.size() * 256; change += step, ++changes) {
        char& octet = octets[change / 256];
        const char before = octet;
        octet = static_cast<char>(change % 256);
        judge(all[i] + " changed " + std::to_string(change), octets);
        octet = before;
      }
    }
    CPPUNIT_ASSERT(seeds == 20 && changes >= 2000000 / step);
  }

  // A09
  void survivesEveryValueInEveryPlace() {
    const Protos protos;
    size_t sound = 0;
    for (size_t i = 0; i < protos.size(); ++i) {
      std::string name;
      const std::string octets = protos.at(i, name);
      judge(name, octets);
      sound += Probe(octets).status() == 0;
    }
    CPPUNIT_ASSERT(sound > protos.size() / 10 && sound < protos.size() * 9 / 10);  // else the values are not worth much
  }

  // A09
  void placesAndValuesAreManyEnough() {
    const Protos protos;
    CPPUNIT_ASSERT(protos.size() >= 4500);
    std::string name, last;
    for (size_t i = 0; i < protos.slots(); ++i) {
      const std::string first = protos.at(i * (protos.size() / protos.slots()), name);
      CPPUNIT_ASSERT_MESSAGE(name, first != last && first.find("{{") == first.npos);
      last = first;
    }
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(MessageTest);

}  // namespace Patchbay::Testsuite
