#include <cppunit/extensions/HelperMacros.h>

#include "patchbay/transport/Transport.h"

using namespace Patchbay::Transport;

class ProtocolTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ProtocolTest);
  CPPUNIT_TEST(knowsItsNamesInAnyCase);
  CPPUNIT_TEST(knowsNoOthers);
  CPPUNIT_TEST_SUITE_END();

 public:
  void knowsItsNamesInAnyCase() {
    for (const auto protocol : {Protocol::udp, Protocol::tcp, Protocol::tls, Protocol::ws, Protocol::wss}) {
      CPPUNIT_ASSERT(protocolOf(nameOf(protocol)) == protocol);
      CPPUNIT_ASSERT(protocolOf(viaNameOf(protocol)) == protocol);
    }
    CPPUNIT_ASSERT(protocolOf("wSs") == Protocol::wss);
    CPPUNIT_ASSERT_EQUAL(std::string("UDP"), std::string(viaNameOf(Protocol::udp)));
    CPPUNIT_ASSERT_EQUAL(std::string("udp"), std::string(nameOf(Protocol::udp)));
  }
  void knowsNoOthers() {
    for (const char* name : {"", "ud", "udpx", "sctp", "5\x04\x10", "w", "dtls"}) CPPUNIT_ASSERT(!protocolOf(name));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ProtocolTest);
