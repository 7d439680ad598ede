#include <cppunit/extensions/HelperMacros.h>

#include "patchbay/bundle/NodeSettings.h"
#include "patchbay/bundle/Services.h"

namespace Patchbay::Bundle {

using Pipeline::Parameter;
using Pipeline::Type;

class SettingsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(SettingsTest);
  CPPUNIT_TEST(fillsInDefaults);
  CPPUNIT_TEST(readsEachType);
  CPPUNIT_TEST(putsConstantsIn);
  CPPUNIT_TEST(refusesWhatDoesNotFit);
  CPPUNIT_TEST(refusesUnknownAndMissing);
  CPPUNIT_TEST(namesTheRange);
  CPPUNIT_TEST(refusesASecondProvider);
  CPPUNIT_TEST(keepsWhatATestProvided);
  CPPUNIT_TEST(namesAMissingService);
  CPPUNIT_TEST_SUITE_END();

 public:
  void fillsInDefaults() {
    const NodeSettings settings(declared(), nullptr, {}, _place, _problems);
    CPPUNIT_ASSERT_EQUAL(int64_t(10), settings.integer("count"));
    CPPUNIT_ASSERT(settings.duration("wait") == std::chrono::milliseconds(1500));
    CPPUNIT_ASSERT_EQUAL(int64_t(16384), settings.integer("size"));
    CPPUNIT_ASSERT(!settings.given("count"));
    CPPUNIT_ASSERT_EQUAL(std::string("conf.xml:1"), settings.location("count").toString());
    CPPUNIT_ASSERT(!_problems.hasErrors());
  }

  void readsEachType() {
    const auto settings =
        read({{"count", "7"}, {"wait", "2min"}, {"size", "1MiB"}, {"on", "yes"}, {"names", " a, b ,,c"}, {"mode", "fast"}});
    CPPUNIT_ASSERT_EQUAL(std::string(), _problems.toString());
    CPPUNIT_ASSERT_EQUAL(int64_t(7), settings.integer("count"));
    CPPUNIT_ASSERT(settings.duration("wait") == std::chrono::minutes(2));
    CPPUNIT_ASSERT_EQUAL(int64_t(1 << 20), settings.integer("size"));
    CPPUNIT_ASSERT(settings.boolean("on"));
    CPPUNIT_ASSERT(settings.list("names") == (std::vector<std::string>{"a", "b", "c"}));
    CPPUNIT_ASSERT(settings.given("count"));
    CPPUNIT_ASSERT_EQUAL(std::string("conf.xml:7"), settings.location("count").toString());
  }

  void putsConstantsIn() {
    const auto settings = read({{"names", "${one},x${two}y"}}, {{"one", "1"}, {"two", "2"}});
    CPPUNIT_ASSERT_EQUAL(std::string("1,x2y"), settings.text("names"));
    read({{"names", "${on}"}}, {{"one", "1"}});
    expect("conf.xml:7: error: <thing names>: unknown constant ${on} (did you mean 'one'?)");
  }

  void refusesWhatDoesNotFit() {
    read({{"count", "x"}, {"wait", "5"}, {"size", "16"}, {"on", "perhaps"}, {"mode", "fasst"}, {"from", "10.0.0.0/33"}});
    CPPUNIT_ASSERT_EQUAL(size_t(6), _problems.all().size());
    expect("<thing wait>: '5' is not a duration with its unit");
    expect("<thing size>: '16' is not a size with its unit");
    expect("<thing mode>: 'fasst' is not allowed (did you mean 'fast'?)");
    expect("<thing from>: '10.0.0.0/33' is not an IP address or network");
  }

  void refusesUnknownAndMissing() {
    auto parameters = declared();
    parameters.push_back({"must", Type::text, "what is needed", true});
    const Pipeline::Node node{"thing", {{"cuont", "1"}}, {}, {_place.file, 7}};
    const NodeSettings settings(parameters, &node, {}, _place, _problems);
    expect("<thing> has no attribute 'cuont' (did you mean 'count'?)");
    expect("<thing>: attribute 'must' is missing: what is needed");
  }

  void namesTheRange() {
    read({{"count", "101"}, {"wait", "2h"}});
    expect("'101' is out of range: from 0 to 100");
    expect("'2h' is out of range: at most 1h");
  }

  void refusesASecondProvider() {
    Services services;
    int first = 1, second = 2;
    services.provide<int>(first);
    CPPUNIT_ASSERT_THROW(services.provide<int>(second), Poco::ExistsException);
    CPPUNIT_ASSERT_EQUAL(1, services.find<int>());
  }

  void keepsWhatATestProvided() {
    Services services;
    int real = 1, fake = 2;
    services.override_<int>(fake);
    services.provide<int>(real);
    CPPUNIT_ASSERT_EQUAL(2, services.find<int>());
  }

  void namesAMissingService() {
    const Services services;
    CPPUNIT_ASSERT(services.findOptional<Settings>() == nullptr);
    try {
      services.find<Settings>();
      CPPUNIT_FAIL("found");
    } catch (const Poco::NotFoundException& error) {
      CPPUNIT_ASSERT(error.message().find("Patchbay::Bundle::Settings") != std::string::npos);
    }
  }

 private:
  static std::vector<Parameter> declared() {
    Parameter count{"count", Type::integer, "", false, "10", 0, 100};
    Parameter wait{"wait", Type::duration, "", false, "1500ms"};
    wait.most = 3'600'000'000'000;
    Parameter mode{"mode", Type::text, "", false, "slow"};
    mode.choices = {"slow", "fast"};
    return {count,
            wait,
            mode,
            {"size", Type::bytes, "", false, "16KiB"},
            {"on", Type::boolean, "", false, "no"},
            {"names", Type::list, ""},
            {"from", Type::network, ""}};
  }
  NodeSettings read(const std::vector<Pipeline::Attribute>& attributes, const Pipeline::Constants& constants = {}) {
    const Pipeline::Node node{"thing", attributes, {}, {_place.file, 7}};
    return NodeSettings(declared(), &node, constants, _place, _problems);
  }
  void expect(const std::string& part) {
    const std::string all = _problems.toString();
    CPPUNIT_ASSERT_MESSAGE(all, all.find(part) != std::string::npos);
  }
  Pipeline::Location _place{std::make_shared<const std::string>("conf.xml"), 1};
  Pipeline::Problems _problems;
};

CPPUNIT_TEST_SUITE_REGISTRATION(SettingsTest);

}  // namespace Patchbay::Bundle
