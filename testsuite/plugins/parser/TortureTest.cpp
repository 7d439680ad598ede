#include <cppunit/extensions/HelperMacros.h>

#include <filesystem>
#include <random>
#include <string>

#include "Octets.h"
#include "TestPaths.h"
#include "Torture.h"
#include "patchbay/parser/Message.h"

namespace Patchbay::Parser {

namespace {

/// Asks for everything that a message can be asked.
size_t askAll(Message& message) {
  size_t sum = message.reason().size() + message.body().size() + message.methodText().size();
  for (const Header& header : message.headers()) sum += message.text(header.line).size() + message.text(header.value).size();
  if (const Uri* uri = message.requestUri()) sum += uri->hostPort().size() + uri->equivalent(*uri);
  if (const Via* via = message.topVia()) sum += via->sentBy.size() + via->hasCookie();
  if (const Address* from = message.from()) sum += from->tag.size() + from->uri.host.size();
  if (const Address* to = message.to()) sum += to->tag.size() + to->uri.host.size();
  if (const auto second = message.secondVia()) sum += second->host.size();
  sum += message.topViaCut().length + message.maxForwards().value_or(0) + message.expires().value_or(0) + message.callId().size();
  return sum;
}

}  // namespace

class TortureTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(TortureTest);
  CPPUNIT_TEST(judgesEachMessageAsTheTableDemands);
  CPPUNIT_TEST(tableOfVerdictsIsComplete);
  CPPUNIT_TEST(survivesCutsAtEveryOctet);
  CPPUNIT_TEST(survivesSingleOctetMutations);
  CPPUNIT_TEST(valuesNeverHoldLineEndsButFolds);
  CPPUNIT_TEST(takesNothingBehindTheBody);
  CPPUNIT_TEST(readsFoldedAndCompactHeaders);
  CPPUNIT_TEST(refusedMessagesStillShowTheirVia);
  CPPUNIT_TEST_SUITE_END();

 public:
  // A01, A02, A03, A04
  void judgesEachMessageAsTheTableDemands() {
    for (const TortureMessage& torture : tortureMessages()) {
      const Octets octets(readTorture(torture.path));
      CPPUNIT_ASSERT_MESSAGE(torture.path, !octets.view().empty());
      Message message;
      message.parse(octets.view());
      const Fault fault = message.validate();
      CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(torture.path) + ": " + fault.text, torture.status, fault.status);
    }
  }

  void tableOfVerdictsIsComplete() {
    size_t files = 0;
    for (const char* folder : {"rfc4475", "rfc4475-derived", "rfc5118-wire"}) {
      for (const auto& entry : std::filesystem::directory_iterator(Testsuite::sourceFolder() + "/testsuite/torture/" + folder)) {
        files += entry.is_regular_file();
      }
    }
    CPPUNIT_ASSERT_EQUAL(tortureMessages().size(), files);
  }

  // A05, A32, A33
  void survivesCutsAtEveryOctet() {
    size_t sum = 0;
    Message message;
    for (const TortureMessage& torture : tortureMessages()) {
      const std::string whole = readTorture(torture.path);
      for (size_t length = 0; length < whole.size(); ++length) {
        const Octets octets(std::string_view(whole).substr(0, length));
        message.parse(octets.view());
        const Fault fault = message.validate();
        sum += askAll(message);
        const bool cutInHeaders = whole.find("\r\n\r\n") > length;
        CPPUNIT_ASSERT_MESSAGE(torture.path, !cutInHeaders || fault);
      }
    }
    CPPUNIT_ASSERT(sum > 0);
  }

  // A08: seeded, a part of all positions and values
  void survivesSingleOctetMutations() {
    std::mt19937 random(4475);
    Message message;
    for (const TortureMessage& torture : tortureMessages()) {
      const std::string whole = readTorture(torture.path);
      for (int i = 0; i < 400; ++i) {
        Octets octets(whole);
        octets.data()[random() % whole.size()] = static_cast<char>(random());
        message.parse(octets.view());
        const int status = message.validate().status;
        askAll(message);
        CPPUNIT_ASSERT_MESSAGE(torture.path, status == 0 || (status >= 400 && status <= 599));
      }
    }
  }

  // A16, A29: what a reply copies can not break out of its line
  void valuesNeverHoldLineEndsButFolds() {
    std::mt19937 random(29);
    Message message;
    const std::string whole = readTorture("rfc4475/wsinv.dat");
    for (int i = 0; i < 20000; ++i) {
      Octets octets(whole);
      octets.data()[random() % whole.size()] = random() % 2 ? '\r' : '\n';
      octets.data()[random() % whole.size()] = random() % 2 ? '\r' : '\n';
      message.parse(octets.view());
      for (const Header& header : message.headers()) {
        const std::string_view value = message.text(header.value);
        for (size_t at = value.find_first_of("\r\n"); at != std::string_view::npos; at = value.find_first_of("\r\n", at + 2)) {
          CPPUNIT_ASSERT(value.substr(at, 2) == "\r\n" && at + 2 < value.size() &&
                         (value[at + 2] == ' ' || value[at + 2] == '\t' || value[at + 2] == '\r'));
        }
      }
    }
  }

  // dblreq: one datagram is one message (RFC 3261, 18.3)
  void takesNothingBehindTheBody() {
    const Octets octets(readTorture("rfc4475/dblreq.dat"));
    Message message;
    CPPUNIT_ASSERT(!message.parse(octets.view()));
    CPPUNIT_ASSERT(message.octets().size() < octets.view().size());
    CPPUNIT_ASSERT(message.octets().ends_with("Content-Length: 0\r\n\r\n"));
    CPPUNIT_ASSERT(message.body().empty());
    CPPUNIT_ASSERT(message.method() == Method::registration);
  }

  // wsinv; A10, A11
  void readsFoldedAndCompactHeaders() {
    const Octets octets(readTorture("rfc4475/wsinv.dat"));
    Message message;
    message.parse(octets.view());
    CPPUNIT_ASSERT_EQUAL(0, message.validate().status);
    CPPUNIT_ASSERT_EQUAL(uint32_t{68}, message.maxForwards().value());
    CPPUNIT_ASSERT_EQUAL(uint32_t{9}, message.cseq()->number);
    CPPUNIT_ASSERT(message.cseq()->method == Method::invite);
    CPPUNIT_ASSERT(message.to()->tag == "1918181833n");
    CPPUNIT_ASSERT(message.from()->tag == "98asjd8");
    CPPUNIT_ASSERT(message.from()->displayName == "\"J Rosenberg \\\\\\\"\"");
    CPPUNIT_ASSERT(message.topVia()->host == "192.0.2.2");
    CPPUNIT_ASSERT(message.topVia()->branch == "390skdjuw");
    CPPUNIT_ASSERT(!message.topVia()->hasCookie());
    const auto second = message.secondVia();
    CPPUNIT_ASSERT(second && second->host == "spindle.example.com" && second->branch == "z9hG4bK9ikj8" && second->protocol == "TCP");
    CPPUNIT_ASSERT_EQUAL(size_t{150}, message.body().size());
  }

  // A37: enough is there for a 400
  void refusedMessagesStillShowTheirVia() {
    for (const char* path :
         {"rfc4475/clerr.dat", "rfc4475/ncl.dat", "rfc4475/lwsruri.dat", "rfc4475/badvers.dat", "rfc4475/insuf.dat", "rfc4475/baddn.dat"}) {
      const Octets octets(readTorture(path));
      Message message;
      message.parse(octets.view());
      CPPUNIT_ASSERT_MESSAGE(path, message.validate());
      CPPUNIT_ASSERT_MESSAGE(path, message.isRequest() && message.topVia() && message.cseq());
    }
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TortureTest);

}  // namespace Patchbay::Parser
