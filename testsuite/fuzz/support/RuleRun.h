#pragma once

#include "Bench.h"
#include "Input.h"

namespace Patchbay::Fuzz {

/// Checks rules, binds and runs them on a letter; what waits is resumed. The same rules must always give the same program.
class RuleRun {
 public:
  RuleRun() {
    _desk.letter.texts = {{"method", "INVITE"}, {"uri", "sip:me"}, {"uri.host", "home"}, {"src.ip", "10.1.2.3"}, {"header:X", "one"}};
    _desk.letter.numbers = {{"status", 200}, {"msg.size", 2000}, {"age", 1500000000}, {"verified", 1}};
  }

  /// The program's listing; empty when it is refused, which has a reason then.
  std::string run(const Pipeline::Node& rules) {
    _desk.workers.worker.begin();
    Pipeline::Problems problems;
    auto program = Pipeline::Program::check(rules, _words, {}, problems);
    require(!program == problems.hasErrors(), "rules are refused for a reason, and never accepted with an error");
    if (!program || !program->bind(problems)) {
      require(problems.hasErrors(), "rules are refused for a reason");
      return {};
    }
    auto listing = program->listing();
    _desk.program = std::move(program);
    for (const char* entry : {"request", "reply"})
      if (_desk.program->entry(entry)) once(entry);
    return listing;
  }

 private:
  void once(const char* entry) {
    _desk.run(entry);
    for (int i = 0; i < 50 && _desk.machine.suspended(); ++i) {
      auto tickets = std::exchange(_desk.letter.tickets, {});
      for (auto& ticket : tickets) ticket.resume(i % 3 ? Pipeline::Verdict::yes : Pipeline::Verdict::no);
      _desk.workers.worker.turn(std::chrono::seconds(3));  // a deadline passes
    }
    _desk.machine.cancel();
    require(!_desk.machine.suspended() && !_desk.machine.running(), "a run ends");
    require(_desk.engine.suspended() == 0, "nobody waits in the end");
  }
  Bench::Desk _desk;
  const Pipeline::Vocabulary _words = Bench::vocabulary();
};

}  // namespace Patchbay::Fuzz
