#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/log/Api.h"
#include "patchbay/pipeline/Value.h"
#include "patchbay/runtime/TimerWheel.h"
#include "patchbay/runtime/Worker.h"

namespace Patchbay::Pipeline {

class Engine;
class Machine;
class Program;
struct Instruction;
struct ProgramCode;

/// What an action says. `error` is neither yes nor no: the pipeline's on-error one runs. `settled`: the subject has got its answer (or goes
/// on, or is dropped for good). `suspended`: the action has taken a Ticket and will resume it.
enum class Verdict : uint8_t { no, yes, error, settled, suspended };

/// Memory for texts that live as long as one run of a pipeline. Grows by blocks, keeps the first one when cleared.
class PATCHBAY_API Scratch {
 public:
  Scratch() = default;
  Scratch(const Scratch&) = delete;
  /// Uninitialised room.
  char* take(size_t octets);
  std::string_view copy(std::string_view text);
  void clear();

 private:
  static constexpr size_t FirstBlock = 2048;
  std::unique_ptr<char[]> _first;
  size_t _used = 0;
  std::vector<std::unique_ptr<char[]>> _more;
};

/// What pipelines run on: a request, a branch, a reply, a line of text. Plug-ins that declare an entry point derive from it.
class PATCHBAY_API Subject {
 public:
  virtual ~Subject() = default;
};

/// Where the tickets of a machine find it. Outlives the machine and serves the next one, with the generation going on, and is never freed:
/// so a ticket may be resumed however long its machine is gone.
struct TicketPlace {
  std::atomic<uint32_t> generation{0};  ///< of the one ticket that is not stale; read on any worker
  Machine* machine = nullptr;           ///< there while a ticket has this generation
};

/// The right to resume one suspension, once. Stale tickets (deadline passed, machine cancelled, already resumed, machine gone) do nothing,
/// so that a late answer is harmless. A machine goes on the worker that it ran on.
class PATCHBAY_API Ticket {
 public:
  Ticket() = default;
  /// On the machine's worker only. `text` explains an error.
  void resume(Verdict verdict, std::string_view text = {});
  /// From any thread: posts to the machine's worker. `text` must be static.
  void resumeLater(Verdict verdict, const char* text = "");
  explicit operator bool() const { return _place != nullptr; }
  /// Whether the machine still waits for it: false for a stale ticket. On the machine's worker only.
  bool awaited() const;

 private:
  friend class Machine;
  TicketPlace* _place = nullptr;
  Runtime::Worker* _worker = nullptr;
  uint32_t _generation = 0;
};

/// How a pipeline ended.
enum class Ending : uint8_t {
  settled,    ///< an action settled the subject
  completed,  ///< fell off the end without settling
  stopped,    ///< <stop/>
  failed,     ///< an error, and no on-error pipeline settled it; errorText() says what
  cancelled   ///< cancel() while suspended
};

/// Whoever starts a machine and is told how it goes, on the machine's worker.
class PATCHBAY_API MachineOwner {
 public:
  virtual ~MachineOwner() = default;
  /// The machine may be started again, or its subject returned to its pool, from within this call (as its last deed).
  virtual void ended(Machine& machine, Ending ending) = 0;
  /// Called once when the machine is first suspended in this run. False refuses: the pending step becomes an error (over the cap, no
  /// memory). An owner that has settled the subject itself says so by Machine::settle().
  virtual bool suspending(Machine& machine) {
    (void)machine;
    return true;
  }
};

/// One step as it happened, for trails, explain and tests.
struct Step {
  uint32_t rule;       ///< index into Program::rules()
  const char* action;  ///< the action's name, "if" for a condition, "call" and "return" for sub-pipelines
  Verdict verdict;
  Runtime::Duration spent;  ///< time on the worker for this step, suspension not counted
  uint32_t at = 0;          ///< which instruction: see Program::textAt and Machine::explain
  bool leftOut = false;     ///< in a dry run: it would have had effects, so it was not run
};

class PATCHBAY_API StepObserver {
 public:
  virtual ~StepObserver() = default;
  virtual void step(const Machine& machine, const Step& step) = 0;
};

/// Runs one program on one subject at a time; reused for the next. No allocation in a run without suspension (scratch and texts included,
/// up to the scratch's first block). Used by one worker, the one that started it.
class PATCHBAY_API Machine {
 public:
  Machine();
  ~Machine();
  Machine(const Machine&) = delete;

  /// Runs until the end or the first suspension; `owner.ended` is called either way in the end, perhaps before this returns.
  /// `entry` is an index from Program::entry().
  void start(Engine& engine, const Program& program, uint16_t entry, Subject& subject, MachineOwner& owner,
             StepObserver* observer = nullptr);
  /// Ends a suspended run with Ending::cancelled. On its worker. Does nothing when not suspended.
  void cancel();
  /// From within MachineOwner::suspending: the owner has settled the subject, the pending step ends as settled.
  void settle();
  bool suspended() const { return _suspended; }
  bool running() const { return _running; }
  /// Whether the next runs are dry ones: see dry().
  void setDry(bool dry) { _dry = dry; }

  // For actions and variables, while the program runs:
  template <class S>
  S& subject() const {
    return static_cast<S&>(*_subject);
  }
  Runtime::Worker& worker() const { return *_worker; }
  Scratch& scratch() { return _scratch; }
  const Program& program() const { return *_program; }
  /// Explains the Verdict::error that the action returns next: ${error.text}. Copied.
  Verdict fail(std::string_view text);
  /// Explains a wait: the action returns Verdict::suspended next. When `deadline` passes, the verdict is error ("<action>: no answer within
  /// ..."). The ticket may be resumed before the action returns.
  Ticket suspend(Runtime::Duration deadline);
  /// Dry runs (explain): actions with effects do nothing and say what they would have done.
  bool dry() const { return _dry; }

  // For error pipelines, trails and log lines:
  std::string_view errorText() const { return _errorText; }
  const char* errorAction() const { return _errorAction; }
  /// The rule that ran last: its name is in program().rules().
  uint32_t rule() const { return _rule; }
  /// The rules whose condition held, and the pipelines that ran, in order: the first MostTaken of them, as indexes of program().rules().
  std::span<const uint16_t> taken() const { return {_taken, std::min<size_t>(_takenCount, MostTaken)}; }
  /// The number of this run among those whose rules are timed.
  uint32_t sample() const { return _sample; }
  /// For explain, from within an observer: the values that the instruction's variables have now: "uri.host = 'example.org'". Allocates.
  std::string explain(uint32_t at) const;

 private:
  friend class Engine;
  friend class Ticket;
  friend class Deadlines;
  struct Deadline : Runtime::Timer {
    Machine* machine = nullptr;
  };
  enum class Outcome : uint8_t { goesOn, waits, settled, completed, stopped, failed };

  void sampleSome();
  void run();
  Outcome guarded();
  Outcome steps();
  Outcome afterwards();
  Outcome act(const Instruction& in);
  bool leavesOut(const Instruction& in) const;
  Outcome answered(const Instruction& in, Verdict verdict);
  Outcome wait(const Instruction& in);
  Outcome assign(const Instruction& in);
  Outcome leave(bool value);
  Outcome failedAt(const Instruction& in);
  void enterWait();
  void endWait();
  void dropTicket();
  void finish(Outcome outcome);
  void resumed(uint32_t generation, Verdict verdict, std::string_view text);
  static void deadlinePassed(Runtime::Timer& timer);
  static void forsake(Runtime::Timer& timer);
  void observe(const Instruction& in, const char* action, Verdict verdict, Runtime::Instant since) const;
  const char* nameOf(const Instruction& in) const;
  uint32_t generation() const { return _place->generation.load(std::memory_order_relaxed); }

  const Program* _program = nullptr;
  const ProgramCode* _code = nullptr;
  std::atomic<uint64_t>* _hits = nullptr;  ///< this worker's
  Subject* _subject = nullptr;
  Engine* _engine = nullptr;
  Runtime::Worker* _worker = nullptr;
  MachineOwner* _owner = nullptr;
  StepObserver* _observer = nullptr;
  uint32_t _pc = 0, _rule = 0, _sample = 0;
  TicketPlace* _place = nullptr;  ///< from the first suspension on
  uint8_t _depth = 0;
  bool _running = false, _suspended = false, _ticketOut = false, _told = false, _dry = false, _inError = false, _settling = false;
  std::optional<Verdict> _early;  ///< a verdict that came before the action returned
  static constexpr size_t MostTaken = 32;
  uint16_t _taken[MostTaken];
  uint32_t _takenCount = 0;
  static constexpr size_t MostFrames = 32;
  uint32_t _frames[MostFrames];  ///< where the calls stand
  Deadline _deadline;
  Runtime::Duration _patience{};
  Scratch _scratch;
  std::string _errorText, _why;
  const char* _errorAction = "";
};

}  // namespace Patchbay::Pipeline
