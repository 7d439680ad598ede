#include <cppunit/extensions/HelperMacros.h>

#include "Admission.h"
#include "RefusedBefore.h"

using namespace Patchbay;
using namespace Patchbay::Overload;
using namespace std::chrono_literals;
using Parser::Method;

namespace {

constexpr uint64_t Lowest = 0, Middle = UINT64_MAX / 2, Highest = UINT64_MAX;
const Runtime::Instant Start{1000h};

std::string tagOf(uint64_t number) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(number));
  return text;
}

}  // namespace

/// Case H06: what has waited longest is refused first.
class AdmissionTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(AdmissionTest);
  CPPUNIT_TEST(admitsWhatHasWaitedLittle);
  CPPUNIT_TEST(refusesAShareThatGrows);
  CPPUNIT_TEST(refusesEveryOneAboveTheHardLimit);
  CPPUNIT_TEST(discardsWhatWasSentAgainLongAgo);
  CPPUNIT_TEST(refusesRegistrationsLater);
  CPPUNIT_TEST(sparesWhatEndsCalls);
  CPPUNIT_TEST_SUITE_END();

 public:
  const Admission admission;

  void admitsWhatHasWaitedLittle() {
    for (const auto method : {Method::invite, Method::options, Method::registration})
      CPPUNIT_ASSERT(admission.judge(method, 200ms, Lowest) == Sentence::admit);
  }

  void refusesAShareThatGrows() {
    CPPUNIT_ASSERT(admission.judge(Method::invite, 260ms, Lowest) == Sentence::share);
    CPPUNIT_ASSERT(admission.judge(Method::invite, 260ms, Middle) == Sentence::admit);
    CPPUNIT_ASSERT(admission.judge(Method::invite, 349ms, Middle) == Sentence::admit);
    CPPUNIT_ASSERT(admission.judge(Method::invite, 351ms, Middle) == Sentence::share);
    CPPUNIT_ASSERT(admission.judge(Method::invite, 499ms, Highest) == Sentence::admit);
  }

  void refusesEveryOneAboveTheHardLimit() {
    for (const auto method : {Method::invite, Method::subscribe, Method::message, Method::options, Method::registration, Method::other})
      CPPUNIT_ASSERT(admission.judge(method, 500ms, Highest) == Sentence::late);
  }

  void discardsWhatWasSentAgainLongAgo() {
    CPPUNIT_ASSERT(admission.judge(Method::invite, 1999ms, Highest) == Sentence::late);
    CPPUNIT_ASSERT(admission.judge(Method::invite, 2s, Highest) == Sentence::discard);
  }

  void refusesRegistrationsLater() {
    CPPUNIT_ASSERT(admission.judge(Method::registration, 350ms, Lowest) == Sentence::admit);
    CPPUNIT_ASSERT(admission.judge(Method::registration, 424ms, Middle) == Sentence::admit);
    CPPUNIT_ASSERT(admission.judge(Method::registration, 426ms, Middle) == Sentence::share);
  }

  void sparesWhatEndsCalls() {
    for (const auto method : {Method::ack, Method::bye, Method::cancel, Method::prack}) CPPUNIT_ASSERT(Admission::isSpared(method));
    for (const auto method : {Method::invite, Method::options, Method::other}) CPPUNIT_ASSERT(!Admission::isSpared(method));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(AdmissionTest);

class RefusedBeforeTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(RefusedBeforeTest);
  CPPUNIT_TEST(knowsWhatWasRefused);
  CPPUNIT_TEST(forgetsAfterThirtyTwoSeconds);
  CPPUNIT_TEST(keepsTheNewerOfTwoInOnePlace);
  CPPUNIT_TEST_SUITE_END();

 public:
  RefusedBefore refused;

  void knowsWhatWasRefused() {
    CPPUNIT_ASSERT(refused.empty(Start));
    refused.add(tagOf(0xabc), Start);
    CPPUNIT_ASSERT(!refused.empty(Start));
    CPPUNIT_ASSERT(refused.contains(tagOf(0xabc), Start));
    CPPUNIT_ASSERT(!refused.contains(tagOf(0xabd), Start));
    CPPUNIT_ASSERT(!refused.contains(tagOf(0x100000abc), Start));  // the same place, another one
  }

  void forgetsAfterThirtyTwoSeconds() {
    refused.add(tagOf(0xabc), Start);
    CPPUNIT_ASSERT(refused.contains(tagOf(0xabc), Start + 31s));
    CPPUNIT_ASSERT(!refused.contains(tagOf(0xabc), Start + 32s));
    CPPUNIT_ASSERT(!refused.empty(Start + 31999ms));
    CPPUNIT_ASSERT(refused.empty(Start + 32s));
  }

  void keepsTheNewerOfTwoInOnePlace() {
    refused.add(tagOf(0xabc), Start);
    refused.add(tagOf(0x100000abc), Start + 1s);
    CPPUNIT_ASSERT(!refused.contains(tagOf(0xabc), Start + 1s));
    CPPUNIT_ASSERT(refused.contains(tagOf(0x100000abc), Start + 1s));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(RefusedBeforeTest);
