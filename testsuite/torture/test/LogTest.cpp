#include <cppunit/extensions/HelperMacros.h>

#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "Ground.h"
#include "Protos.h"
#include "Sound.h"
#include "patchbay/log/Setup.h"

namespace Patchbay::Testsuite {

using namespace std::chrono_literals;

/// What hostile octets leave in the log: lines of ours, without control characters.
class LogTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(LogTest);
  CPPUNIT_TEST(textHasOneCleanLineAnEvent);
  CPPUNIT_TEST(jsonHasOneCleanLineAnEvent);
  CPPUNIT_TEST_SUITE_END();

  /// Standard error, caught in a file as long as this lives.
  class Caught {
   public:
    Caught() {
      char name[] = "/tmp/patchbay-log-XXXXXX";
      const int file = ::mkstemp(name);
      CPPUNIT_ASSERT(file >= 0);
      _name = name;
      _before = ::dup(STDERR_FILENO);
      ::dup2(file, STDERR_FILENO);
      ::close(file);
    }
    Caught(const Caught&) = delete;
    ~Caught() {
      ::dup2(_before, STDERR_FILENO);
      ::close(_before);
      ::unlink(_name.c_str());
    }
    std::string text() const {
      std::ifstream file(_name, std::ios::binary);
      return {std::istreambuf_iterator<char>(file), {}};
    }

   private:
    std::string _name;
    int _before;
  };

  static std::string logged(Log::Layout layout) {
    Ground ground("logging.xml");
    const Caught caught;
    Log::Settings settings;
    settings.layout = layout;
    settings.level = Log::Level::debug;
    Log::apply(settings);
    play(ground.world());
    CPPUNIT_ASSERT(Log::flush(5s));
    const std::string text = caught.text();
    settings.level = Log::Level::fatal;
    Log::apply(settings);
    return text;
  }

  static void play(World& world) {
    const Protos protos;
    std::string name;
    for (size_t i = 0; i < protos.size(); i += 3) {
      world.send(Ground::stranger(), world.listener(), protos.at(i, name).substr(0, 65507));
      if (i % 60 == 0) CPPUNIT_ASSERT(Log::flush(5s));
      world.take();
    }
    using namespace std::string_literals;
    for (const auto& octets : {"a\x1b[2Jb"s, "\x07\x01\x7f"s, "\xc2\x9b"s, "\xff\xfe"s, "\"};{\""s,
                               "a\r\n 2026-01-01T00:00:00.000Z fatal forged: line"s, "\\x00"s})
      for (const char* header : {"Subject", "User-Agent", "X-Other"})
        world.send(Ground::stranger(), world.listener(), Sound("MESSAGE").add(header, octets));
  }

  static void judge(const std::string& text, const std::string& begin) {
    CPPUNIT_ASSERT(text.size() > 100000 && text.ends_with('\n'));
    for (size_t from = 0; from < text.size();) {
      const size_t end = text.find('\n', from);
      const std::string line = text.substr(from, end - from);
      CPPUNIT_ASSERT_MESSAGE(line, line.starts_with(begin));
      for (const unsigned char c : line) CPPUNIT_ASSERT_MESSAGE(line, c >= 0x20 && c != 0x7f);
      CPPUNIT_ASSERT_MESSAGE(line, line.find("\xc2\x9b") == line.npos && line.find('\xff') == line.npos);
      from = end + 1;
    }
  }

 public:
  // A18, A28
  void textHasOneCleanLineAnEvent() { judge(logged(Log::Layout::text), "20"); }
  void jsonHasOneCleanLineAnEvent() { judge(logged(Log::Layout::json), "{\"time\""); }
};

CPPUNIT_TEST_SUITE_REGISTRATION(LogTest);

}  // namespace Patchbay::Testsuite
