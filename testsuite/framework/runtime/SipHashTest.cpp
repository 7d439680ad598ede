#include <cppunit/extensions/HelperMacros.h>

#include <set>
#include <string>

#include "patchbay/runtime/SipHash.h"

using namespace Patchbay::Runtime;

namespace {

/// The key and the messages of the published vectors: octets counting up from 0.
constexpr SipHash::Key VectorKey{0x0706050403020100, 0x0f0e0d0c0b0a0908};

std::string counting(size_t length) {
  std::string octets;
  for (size_t i = 0; i < length; ++i) octets += static_cast<char>(i);
  return octets;
}

std::pair<uint64_t, uint64_t> wide(std::string_view octets) {
  return SipHash(VectorKey, SipHash::Width::bits128).add(octets).finish128();
}

}  // namespace

class SipHashTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(SipHashTest);
  CPPUNIT_TEST(givesThePublishedHashes);
  CPPUNIT_TEST(givesThePublishedWideHashes);
  CPPUNIT_TEST(piecesGiveTheHashOfTheWhole);
  CPPUNIT_TEST(aNumberIsEightOctetsLittleEndian);
  CPPUNIT_TEST(noOctetWandersFromPartToPart);
  CPPUNIT_TEST(dependsOnBothHalvesOfTheKey);
  CPPUNIT_TEST_SUITE_END();

 public:
  void givesThePublishedHashes() {
    const std::pair<size_t, uint64_t> vectors[] = {{0, 0x726fdb47dd0e0e31}, {1, 0x74f839c593dc67fd}, {2, 0x0d6c8009d9a94f5a},
                                                   {7, 0xab0200f58b01d137}, {8, 0x93f5f5799a932462}, {15, 0xa129ca6149be45e5},
                                                   {63, 0x958a324ceb064572}};
    for (const auto& [length, expected] : vectors) CPPUNIT_ASSERT_EQUAL(expected, SipHash::of(VectorKey, counting(length)));
  }

  void givesThePublishedWideHashes() {
    struct Vector {
      size_t length;
      uint64_t first, second;
    };
    const Vector vectors[] = {{0, 0xe6a825ba047f81a3, 0x930255c71472f66d},  {1, 0x44af996bd8c187da, 0x45fc229b11597634},
                              {7, 0x53c1dbd8beebf1a1, 0x3982f01fa64ab8c0},  {8, 0x61f55862baa9623b, 0xb49714f364e2830f},
                              {15, 0x11a8b03399e99354, 0xd9c3cf970fec087e}, {63, 0x4a83502f77d15051, 0x7cbd3f979a063e50}};
    for (const auto& [length, first, second] : vectors) CPPUNIT_ASSERT(std::pair(first, second) == wide(counting(length)));
  }

  void piecesGiveTheHashOfTheWhole() {
    const std::string octets = counting(40);
    for (size_t first = 0; first <= 40; ++first)
      for (size_t second = first; second <= 40; ++second) {
        SipHash hash(VectorKey);
        hash.add(octets.substr(0, first)).add(octets.substr(first, second - first)).add(octets.substr(second));
        CPPUNIT_ASSERT_EQUAL(SipHash::of(VectorKey, octets), hash.finish64());
      }
  }

  void aNumberIsEightOctetsLittleEndian() {
    for (const char* before : {"", "a", "abc", "abcdefg"}) {
      const std::string octets = before + std::string("\x08\x07\x06\x05\x04\x03\x02\x01");
      CPPUNIT_ASSERT_EQUAL(SipHash::of(VectorKey, octets), SipHash(VectorKey).add(before).add(uint64_t{0x0102030405060708}).finish64());
    }
  }

  void noOctetWandersFromPartToPart() {
    const std::string octets = counting(20);
    std::set<uint64_t> found;
    for (size_t cut = 0; cut <= octets.size(); ++cut)
      found.insert(TableHash(VectorKey).part(octets.substr(0, cut)).part(octets.substr(cut)).finish64());
    CPPUNIT_ASSERT_EQUAL(octets.size() + 1, found.size());
    CPPUNIT_ASSERT(TableHash(VectorKey).part("a").finish64() != TableHash(VectorKey).part(std::string_view("a\0", 2)).finish64());
  }

  void dependsOnBothHalvesOfTheKey() {
    const uint64_t hash = SipHash::of(VectorKey, "sip");
    CPPUNIT_ASSERT(hash != SipHash::of({VectorKey[0] ^ 1, VectorKey[1]}, "sip"));
    CPPUNIT_ASSERT(hash != SipHash::of({VectorKey[0], VectorKey[1] ^ 1}, "sip"));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SipHashTest);
