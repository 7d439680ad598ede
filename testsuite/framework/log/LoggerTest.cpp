#include <Poco/Exception.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <Poco/Logger.h>
#include <cppunit/extensions/HelperMacros.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <sstream>

#include "patchbay/log/Setup.h"

using namespace Patchbay::Log;
using namespace std::chrono_literals;

namespace {

/// Standard error goes to a pipe while it lives.
class Captured {
 public:
  Captured() : _before(dup(STDERR_FILENO)) {
    if (pipe2(_ends.data(), O_NONBLOCK) != 0) throw Poco::SystemException("no pipe");
    dup2(_ends[1], STDERR_FILENO);
  }
  ~Captured() {
    flush(10s);
    dup2(_before, STDERR_FILENO);
    for (int descriptor : {_before, _ends[0], _ends[1]}) close(descriptor);
  }
  std::vector<std::string> lines() {
    CPPUNIT_ASSERT(flush(10s));
    std::string all;
    char block[4096];
    for (ssize_t count; (count = read(_ends[0], block, sizeof block)) > 0;) all.append(block, static_cast<size_t>(count));
    std::vector<std::string> result;
    std::istringstream stream(all);
    for (std::string line; std::getline(stream, line);) result.push_back(line);
    return result;
  }

 private:
  int _before;
  std::array<int, 2> _ends{};
};

Settings level(Level level) {
  Settings settings;
  settings.level = level;
  return settings;
}

}  // namespace

class LoggerTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(LoggerTest);
  CPPUNIT_TEST(oneNameIsOneLogger);
  CPPUNIT_TEST(writesToStandardError);
  CPPUNIT_TEST(writesJsonLines);
  CPPUNIT_TEST(belowItsLevelNothingIsWritten);
  CPPUNIT_TEST(childrenInheritTheLevelOfTheNearestParent);
  CPPUNIT_TEST(newSettingsForgetTheLevelsOfOldOnes);
  CPPUNIT_TEST(pocosOwnLoggersUseTheSameLayout);
  CPPUNIT_TEST(refusesAnUnknownFacility);
  CPPUNIT_TEST(knowsTheLevelsByName);
  CPPUNIT_TEST_SUITE_END();

 public:
  void setUp() override { apply(Settings()); }
  void tearDown() override { apply(Settings()); }

  void oneNameIsOneLogger() {
    CPPUNIT_ASSERT(&Logger::get("one") == &Logger::get("one"));
    CPPUNIT_ASSERT(&Logger::get("one") != &Logger::get("one.two"));
  }

  void writesToStandardError() {
    Captured captured;
    Logger::get("registrar").warning("too many contacts", {{"aor", "joe"}});
    const auto lines = captured.lines();
    CPPUNIT_ASSERT_EQUAL(size_t{1}, lines.size());
    CPPUNIT_ASSERT_EQUAL(std::string(" warning registrar: too many contacts aor=joe"), lines[0].substr(24));
  }

  void writesJsonLines() {
    Captured captured;
    Settings settings;
    settings.layout = Layout::json;
    apply(settings);
    Logger::get("registrar").error("broken");
    const auto lines = captured.lines();
    const auto object = Poco::JSON::Parser().parse(lines.at(0)).extract<Poco::JSON::Object::Ptr>();
    CPPUNIT_ASSERT_EQUAL(std::string("broken"), object->getValue<std::string>("text"));
  }

  void belowItsLevelNothingIsWritten() {
    Captured captured;
    Logger& logger = Logger::get("quiet");
    apply(level(Level::warning));
    logger.information("no");
    logger.debug("no");
    logger.write(Level::notice, "no");
    logger.warning("yes");
    CPPUNIT_ASSERT_EQUAL(size_t{1}, captured.lines().size());
    CPPUNIT_ASSERT(logger.enabled(Level::error) && logger.enabled(Level::warning) && !logger.enabled(Level::notice));
  }

  void childrenInheritTheLevelOfTheNearestParent() {
    Logger& early = Logger::get("tree.branch.early");
    Settings settings = level(Level::error);
    settings.levels = {{"tree", Level::debug}, {"tree.branch", Level::notice}};
    apply(settings);
    CPPUNIT_ASSERT(early.enabled(Level::notice) && !early.enabled(Level::information));
    CPPUNIT_ASSERT(Logger::get("tree.branch.late").enabled(Level::notice) && !Logger::get("tree.branch.late").enabled(Level::information));
    CPPUNIT_ASSERT(Logger::get("tree.other").enabled(Level::debug));
    CPPUNIT_ASSERT(!Logger::get("treetop").enabled(Level::warning));
  }

  void newSettingsForgetTheLevelsOfOldOnes() {
    Settings settings;
    settings.levels = {{"loud", Level::trace}};
    apply(settings);
    CPPUNIT_ASSERT(Logger::get("loud").enabled(Level::trace));
    apply(level(Level::error));
    CPPUNIT_ASSERT(!Logger::get("loud").enabled(Level::warning) && !Logger::get("loud.child").enabled(Level::warning));
  }

  void pocosOwnLoggersUseTheSameLayout() {
    Captured captured;
    Poco::Logger::get("HTTPServer").error("two\nlines");
    CPPUNIT_ASSERT_EQUAL(std::string(R"( error HTTPServer: two\nlines)"), captured.lines().at(0).substr(24));
  }

  void refusesAnUnknownFacility() {
    Settings settings;
    settings.target = Target::syslog;
    settings.facility = "nowhere";
    CPPUNIT_ASSERT_THROW(apply(settings), Poco::InvalidArgumentException);
  }

  void knowsTheLevelsByName() {
    CPPUNIT_ASSERT(levelOf("fatal") == Level::fatal && levelOf("trace") == Level::trace && levelOf("error") == Level::error);
    CPPUNIT_ASSERT(!levelOf("none") && !levelOf("") && !levelOf("Error"));
    CPPUNIT_ASSERT_EQUAL(std::string("fatal, critical, error, warning, notice, information, debug, trace"), levelNames());
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(LoggerTest);
