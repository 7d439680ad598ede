#include <cppunit/extensions/HelperMacros.h>

#include "FakeHost.h"
#include "ParserPlugin.h"

namespace Patchbay::Parser {

/// R13: limits are on unless they are changed.
class SettingsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(SettingsTest);
  CPPUNIT_TEST(defaultsAreThoseOfTheType);
  CPPUNIT_TEST(takesWhatIsConfigured);
  CPPUNIT_TEST(refusesWhatIsOutOfRange);
  CPPUNIT_TEST(refusesAPartLargerThanTheWhole);
  CPPUNIT_TEST_SUITE_END();

  static constexpr auto fields = {&Limits::message,   &Limits::headerSection, &Limits::body, &Limits::headerLine,
                                  &Limits::startLine, &Limits::headers,       &Limits::vias, &Limits::method};

 public:
  void defaultsAreThoseOfTheType() {
    ParserPlugin plugin;
    Testsuite::FakeHost host(plugin);
    plugin.configure(host);
    const auto& limits = host.services().find<Limits>();
    for (const auto field : fields) CPPUNIT_ASSERT_EQUAL(Limits{}.*field, limits.*field);
    CPPUNIT_ASSERT_EQUAL(size_t{16384}, limits.message);
    CPPUNIT_ASSERT_EQUAL(size_t{2048}, limits.headerLine);
    CPPUNIT_ASSERT(!host.problems.hasErrors());
  }

  void takesWhatIsConfigured() {
    ParserPlugin plugin;
    Testsuite::FakeHost host(plugin, {{"max_message", "64KiB"},
                                      {"max_headers", "32KiB"},
                                      {"max_body", "60KiB"},
                                      {"max_header", "4KiB"},
                                      {"max_start_line", "1KiB"},
                                      {"max_header_count", "500"},
                                      {"max_vias", "100"},
                                      {"max_method", "32"}});
    plugin.configure(host);
    const auto& limits = host.services().find<Limits>();
    const Limits wanted{65536, 32768, 61440, 4096, 1024, 500, 100, 32};
    for (const auto field : fields) CPPUNIT_ASSERT_EQUAL(wanted.*field, limits.*field);
    CPPUNIT_ASSERT(!host.problems.hasErrors());
  }

  void refusesWhatIsOutOfRange() {
    for (const auto& [name, value] : Testsuite::FakeHost::SettingsMap{
             {"max_message", "2MiB"}, {"max_body", "8192"}, {"max_header", "64B"}, {"max_vias", "0"}, {"max_method", "8"}}) {
      ParserPlugin plugin;
      const Testsuite::FakeHost host(plugin, {{name, value}});
      CPPUNIT_ASSERT_MESSAGE(name, host.problems.hasErrors());
    }
  }

  void refusesAPartLargerThanTheWhole() {
    ParserPlugin plugin;
    Testsuite::FakeHost host(plugin, {{"max_message", "4KiB"}, {"max_body", "5KiB"}});
    plugin.configure(host);
    CPPUNIT_ASSERT(host.problems.toString().find("max_body is 5120 octets, but max_message allows 4096; raise max_message too") !=
                   std::string::npos);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, host.problems.all().size());  // max_headers was not given: the default stands back
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SettingsTest);

}  // namespace Patchbay::Parser
