#include "Torture.h"

#include <fstream>
#include <iterator>

#include "TestPaths.h"

namespace Patchbay::Parser {

const std::vector<TortureMessage>& tortureMessages() {
  static const std::vector<TortureMessage> messages = {
      {"rfc4475/wsinv.dat", 0},
      {"rfc4475/intmeth.dat", 0},
      {"rfc4475/esc01.dat", 0},
      {"rfc4475/escnull.dat", 0},
      {"rfc4475/esc02.dat", 0},
      {"rfc4475/lwsdisp.dat", 0},
      {"rfc4475/longreq.dat", 0},
      {"rfc4475/dblreq.dat", 0},
      {"rfc4475/semiuri.dat", 0},
      {"rfc4475/transports.dat", 0},
      {"rfc4475/mpart01.dat", 0},
      {"rfc4475/unreason.dat", 0},
      {"rfc4475/noreason.dat", 0},
      {"rfc4475/badinv01.dat", 400},
      {"rfc4475/clerr.dat", 400},
      {"rfc4475/ncl.dat", 400},
      {"rfc4475/scalar02.dat", 400},
      {"rfc4475/scalarlg.dat", 400},
      {"rfc4475/quotbal.dat", 400},
      {"rfc4475/ltgtruri.dat", 400},
      {"rfc4475/lwsruri.dat", 400},
      {"rfc4475/lwsstart.dat", 400},
      {"rfc4475/trws.dat", 400},
      {"rfc4475/escruri.dat", 400},
      {"rfc4475/baddate.dat", 0},  // a proxy does not need Date
      {"rfc4475/regbadct.dat", 400},
      {"rfc4475/badaspec.dat", 400},
      {"rfc4475/baddn.dat", 400},
      {"rfc4475-derived/baddn-terminated.sip", 400},
      {"rfc4475/badvers.dat", 505},
      {"rfc4475/mismatch01.dat", 400},
      {"rfc4475/mismatch02.dat", 400},
      {"rfc4475/bigcode.dat", 400},
      {"rfc4475/badbranch.dat", 400},
      {"rfc4475/insuf.dat", 400},
      {"rfc4475/unkscm.dat", 0},  // 416 is the core's to say
      {"rfc4475/novelsc.dat", 0},
      {"rfc4475/unksm2.dat", 0},  // 400 is the registrar's to say
      {"rfc4475/bext01.dat", 0},
      {"rfc4475/invut.dat", 0},
      {"rfc4475/regaut01.dat", 0},
      {"rfc4475/multi01.dat", 400},
      {"rfc4475/mcl01.dat", 400},
      {"rfc4475/bcast.dat", 0},  // who sends by it looks at the Via's address
      {"rfc4475/zeromf.dat", 0},
      {"rfc4475/cparam01.dat", 0},
      {"rfc4475/cparam02.dat", 0},
      {"rfc4475/regescrt.dat", 0},
      {"rfc4475/sdp01.dat", 0},
      {"rfc4475/inv2543.dat", 0},
      {"rfc4475/test.dat", 400},
      {"rfc5118-wire/ipv6-good.sip", 0},
      {"rfc5118-wire/ipv6-bad.sip", 400},
      {"rfc5118-wire/port-ambiguous.sip", 0},
      {"rfc5118-wire/port-unambiguous.sip", 0},
      {"rfc5118-wire/via-received-param-with-delim.sip", 0},
      {"rfc5118-wire/via-received-param-no-delim.sip", 0},
      {"rfc5118-wire/ipv6-in-sdp.sip", 0},
      {"rfc5118-wire/mult-ip-in-header.sip", 0},
      {"rfc5118-wire/mult-ip-in-sdp.sip", 0},
      {"rfc5118-wire/ipv4-mapped-ipv6.sip", 0},
      {"rfc5118-wire/ipv6-bug-abnf-3-colons.sip", 0},
      {"rfc5118-wire/ipv6-correct-abnf-2-colons.sip", 0},
  };
  return messages;
}

std::string readTorture(const std::string& path) {
  std::ifstream file(Testsuite::sourceFolder() + "/testsuite/torture/" + path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace Patchbay::Parser
