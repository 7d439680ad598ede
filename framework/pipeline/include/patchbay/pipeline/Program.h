#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/pipeline/Declaration.h"
#include "patchbay/pipeline/Node.h"
#include "patchbay/runtime/Counter.h"

namespace Patchbay::Pipeline {

/// A rule as its author sees it.
struct RuleInfo {
  std::string pipeline;
  std::string name;  ///< "" when it has none
  Location location;
};

/// What the steps of a rule took on the worker, conditions included, in the runs that were timed and came to it; waiting is not counted.
struct RuleTime {
  uint64_t runs = 0;
  std::chrono::nanoseconds spent{};
};

/// Checked and bound rules: a flat list of instructions with jumps. Immutable; shared by all workers. Made in two steps, so that everything
/// wrong is reported before any plug-in is started: `check` needs only the vocabulary, `bind` calls the declarations' bind functions.
class PATCHBAY_API Program {
 public:
  ~Program();

  /// Reads `<routing>` with its pipelines, checks all that can be checked (names, types, ranges, places, settling, cycles, totality of
  /// <first>, expressions), and compiles. Null when there are errors; warnings alone do not refuse.
  static std::unique_ptr<Program> check(const Node& routing, const Vocabulary& vocabulary, const Constants& constants, Problems& problems);
  /// Binds every action and variable; once, before the first run. False when a declaration's bind refused something.
  bool bind(Problems& problems);

  /// The pipeline with this `on=` (a single entry); none when the rules have none.
  std::optional<uint16_t> entry(std::string_view on) const;
  const std::vector<RuleInfo>& rules() const;
  /// How often each rule's condition held, summed over the workers.
  uint64_t hits(uint32_t rule) const;
  /// Of a pipeline's own row: of all its rules together. One run of 127 is timed, on each worker.
  RuleTime time(uint32_t rule) const;
  /// Load time, before it is published: counts on where an earlier program's rules of the same pipeline and name stand.
  void carryHits(const Program& earlier);
  /// An instruction (Step::at) as it was written, and where.
  std::string textAt(uint32_t at) const;
  Location locationAt(uint32_t at) const;
  /// Index -> name of attributes and flags.
  const std::vector<std::string>& attributes() const;
  const std::vector<std::string>& flags() const;
  /// The instructions as text, one a line, without locations: equal for equal programs. For tests, and for people who want to see it.
  std::string listing() const;

 private:
  Program();
  friend class Machine;
  friend class Engine;
  friend class Compiler;
  struct Code;
  std::unique_ptr<Code> _code;
};

/// What a running machine needs beside its program: deadlines for suspensions on each worker, the cap on how many wait, counters. One a
/// server.
class PATCHBAY_API Engine {
 public:
  struct Limits {
    size_t suspended = 100000;  ///< how many runs may wait at once
  };
  Engine(Runtime::Workers& workers, Runtime::Metrics& metrics, Limits limits);
  ~Engine();
  size_t suspended() const;

 private:
  friend class Machine;
  struct State;
  std::unique_ptr<State> _state;
};

}  // namespace Patchbay::Pipeline
