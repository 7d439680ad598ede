#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "patchbay/pipeline/Program.h"

/// A vocabulary, a worker and subjects of the tests' own.
namespace Bench {

using namespace Patchbay;
using namespace Patchbay::Pipeline;

/// One worker on the test's thread, with a clock that moves when told.
class FakeWorker : public Runtime::Worker {
 public:
  FakeWorker() : _random(Runtime::makeSeededRandom(1)) { enter(this); }
  ~FakeWorker() override { enter(nullptr); }
  /// Fixtures live side by side: the one that runs says so.
  void begin() { enter(this); }
  size_t index() const override { return 0; }
  Runtime::Instant now() const override { return _now; }
  Runtime::WallTime wall() const override { return {}; }
  Runtime::Random& random() override { return *_random; }
  void post(Runtime::Task task) override { _tasks.push_back(std::move(task)); }
  void wakeBy(Runtime::Instant) override {}
  void add(Runtime::Ticker& ticker) override { _tickers.insert(&ticker); }
  void remove(Runtime::Ticker& ticker) override { _tickers.erase(&ticker); }
  void add(Runtime::Poller&) override {}
  void remove(Runtime::Poller&) override {}
  void add(Runtime::Flusher&) override {}
  void remove(Runtime::Flusher&) override {}
  void watch(int, unsigned, Runtime::Watcher&) override {}
  void unwatch(int) override {}

  /// Posted tasks, then what is due after so much time.
  void turn(Runtime::Duration passed = {}) {
    _now += passed;
    for (; !_tasks.empty(); _tasks.pop_front()) _tasks.front()();
    for (Runtime::Ticker* ticker : _tickers) ticker->tick(_now);
  }

 private:
  Runtime::Instant _now{std::chrono::hours(1)};
  std::unique_ptr<Runtime::Random> _random;
  std::deque<Runtime::Task> _tasks;
  std::set<Runtime::Ticker*> _tickers;
};

class FakeWorkers : public Runtime::Workers {
 public:
  size_t count() const override { return 1; }
  Runtime::Worker& at(size_t) override { return worker; }
  FakeWorker worker;
};

/// What the fake variables read and the fake actions write down.
struct Letter : Subject {
  std::map<std::string, std::string> texts;
  std::map<std::string, int64_t> numbers;
  std::map<std::string, std::string> attributes;
  std::vector<std::string> log;
  std::vector<Ticket> tickets;
  std::string joined() const {
    std::string text;
    for (const std::string& line : log) text += (text.empty() ? "" : " ") + line;
    return text;
  }
};

/// log, note, reply, relay, look, edit, wait, boom, oops, never...; method, size, wait time...
Vocabulary vocabulary();

/// Rules on a letter: checked, bound, run.
class Desk : public MachineOwner, public StepObserver {
 public:
  explicit Desk(size_t mostSuspended = 100);
  /// The problems' text; empty when good.
  std::string load(const std::string& rules, const Constants& constants = {});
  /// Rules inside one pipeline on="request".
  std::string loadBody(const std::string& steps) {
    return load("<routing>\n<pipeline name='request' on='request'>\n" + steps + "\n</pipeline></routing>");
  }
  /// The log and the ending: "look reply settled".
  std::string run(const std::string& on = "request");
  /// Whether the condition holds; fails the test when it is refused.
  bool holds(const std::string& expression);
  /// What is wrong with the condition.
  std::string refusal(const std::string& expression);
  std::string result() const { return letter.joined() + (letter.log.empty() ? "" : " ") + _ending; }

  void ended(Machine& machine, Ending ending) override;
  bool suspending(Machine& waiting) override {
    ++told;
    if (settlesInstead) waiting.settle();
    return !refuseToWait;
  }
  void step(const Machine& machine, const Step& step) override;

  FakeWorkers workers;
  Runtime::Metrics metrics;
  Engine engine;
  Letter letter;
  Machine machine;
  std::unique_ptr<Program> program;
  std::string trail;
  bool observed = false, refuseToWait = false, settlesInstead = false;
  int told = 0;
  std::function<void()> whenEnded;

 private:
  std::string _ending = "running";
};

std::string escaped(const std::string& attribute);
std::string problemsOf(const std::string& rules);

}  // namespace Bench
