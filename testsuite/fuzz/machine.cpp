#include <algorithm>
#include <memory>

#include "Script.h"
#include "TestPaths.h"
#include "patchbay/log/Setup.h"

using namespace Patchbay;
using namespace std::chrono_literals;

namespace {

Testsuite::Scenario::Name address(const char* name, const char* text, Runtime::Duration delay = {}) {
  return {.name = name, .record = {.address = *Runtime::IpAddress::parse(text)}, .delay = delay};
}

Testsuite::World::Settings settings() {
  Log::Settings log;
  log.level = Log::Level::fatal;
  Log::apply(log);
  Testsuite::World::Settings settings;
  settings.configuration = Testsuite::sourceFolder() + "/testsuite/fuzz/machine/rules.xml";
  settings.bundles = {"pause"};
  settings.names = {address("fast.test", "127.0.0.1"),
                    address("slow.test", "127.0.0.1", 1s),
                    address("silent.test", "127.0.0.1", 30s),  // later than anybody waits
                    address("two.test", "127.0.0.1"),
                    address("two.test", "127.0.0.2"),
                    {.name = "broken.test", .kind = Testsuite::Scenario::Name::Kind::broken, .delay = 500ms}};
  return settings;
}

/// One for all inputs: it begins each at rest, since each ends there.
Testsuite::World& world() {
  static const auto one = [] {
    auto made = std::make_unique<Testsuite::World>(settings());
    made->start();
    return made;
  }();
  return *one;
}

/// Timers are due at marks of the clock: all programs begin at a great one. And whatever was remembered is old by then.
void align() {
  constexpr Runtime::Duration mark = std::chrono::milliseconds(1 << 22);
  const auto past = world().environment().clock.now().time_since_epoch() % mark;
  world().runUntil(world().time() + mark - past);
}

std::string play(std::string_view program) {
  world().environment().worker.reseed(1);
  align();
  Fuzz::Script script(world());
  script.play(program);
  return script.trace();
}

std::string shown(std::string text) {
  std::replace(text.begin(), text.end(), '\0', '?');
  return text;
}

/// Z11.
void compare(const std::string& one, const std::string& other) {
  const auto differs = static_cast<size_t>(std::mismatch(one.begin(), one.end(), other.begin(), other.end()).first - one.begin());
  const size_t from = differs - std::min<size_t>(differs, 200);
  if (one != other)
    std::fprintf(stderr, "fuzz: %s\nfuzz: then: %s\n", shown(one.substr(from, 300)).c_str(), shown(other.substr(from, 300)).c_str());
  Fuzz::require(one == other, "Z11: the same program gives the same trace");
}

uint32_t hash(std::string_view text) {
  uint32_t all = 2166136261u;
  for (const char c : text) all = (all ^ static_cast<unsigned char>(c)) * 16777619u;
  return all;
}

}  // namespace

/// A program of messages and time: see machine/Script.h.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Fuzz::Input input(data, size);
  const auto trace = play(input.text());
  if (hash(input.text()) % 8 == 0) compare(trace, play(input.text()));
  return 0;
}
