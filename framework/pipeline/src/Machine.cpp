#include "patchbay/pipeline/Machine.h"

#include <Poco/Exception.h>

#include "Code.h"
#include "EngineState.h"
#include "RuleTimes.h"
#include "TicketPlaces.h"

namespace Patchbay::Pipeline {

namespace {

using Op = Instruction::Op;

/// Time for observers only: the worker's clock stands still during a turn.
Runtime::Instant observedNow(const StepObserver* observer) {
  return observer ? std::chrono::steady_clock::now() : Runtime::Instant{};
}

}  // namespace

Machine::Machine() {
  _deadline.machine = this;
}

Machine::~Machine() {
  if (_suspended) endWait();
  if (!_place) return;
  dropTicket();
  TicketPlaces::give(*_place);
}

void Machine::start(Engine& engine, const Program& program, uint16_t entry, Subject& subject, MachineOwner& owner, StepObserver* observer) {
  _program = &program;
  _code = program._code.get();
  _subject = &subject;
  _engine = &engine;
  _worker = Runtime::Worker::current();
  _owner = &owner;
  _observer = observer;
  _hits = _code->hits.get() + Runtime::Worker::slot() * _code->hitStride;
  _pc = _code->pipelines[entry].start;
  _rule = _code->pipelines[entry].rule;
  _depth = 0;
  _running = true;
  _told = _inError = _settling = _ticketOut = false;
  _takenCount = 0;
  _scratch.clear();
  _errorText.clear();
  _why.clear();
  _errorAction = "";
  sampleSome();
  run();
}

/// Nobody but this worker counts there.
void Machine::sampleSome() {
  std::atomic<uint64_t>& countdown = _hits[_code->hitStride - 1];
  const uint64_t left = countdown.load(std::memory_order_relaxed);
  countdown.store(left == 0 ? RuleTimes::OneOf - 1 : left - 1, std::memory_order_relaxed);
  if (left != 0 || _observer || _dry) [[likely]]
    return;
  _observer = _code->times.get();
  _sample = _code->times->begin();
}

void Machine::run() {
  Outcome outcome = Outcome::goesOn;
  while (outcome == Outcome::goesOn) outcome = guarded();
  if (outcome != Outcome::waits) finish(outcome);
}

/// The one place where what a plug-in throws is caught.
Machine::Outcome Machine::guarded() {
  try {
    return _settling ? afterwards() : steps();
  } catch (const Poco::Exception& problem) {
    _why = problem.displayText();
  } catch (const std::exception& problem) {
    _why = problem.what();
  } catch (...) {
    _why = "unknown exception";
  }
  _engine->_state->exceptions.add();
  dropTicket();
  _early.reset();
  return answered(_code->instructions[_pc], Verdict::error);
}

Machine::Outcome Machine::steps() {
  const Instruction* const code = _code->instructions.data();
  for (;;) {
    const Instruction& in = code[_pc];
    switch (in.op) {
      case Op::test: {
        const Runtime::Instant since = observedNow(_observer);
        const bool holds = _code->leaves[in.index].holds(*this);
        if (_observer) observe(in, "if", holds ? Verdict::yes : Verdict::no, since);
        _pc = holds ? in.yes : in.no;
        break;
      }
      case Op::hit: {
        std::atomic<uint64_t>& cell = _hits[in.index];
        cell.store(cell.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
        _rule = in.index;
        if (_takenCount < MostTaken) _taken[_takenCount++] = static_cast<uint16_t>(in.index);
        _pc = in.yes;
        break;
      }
      case Op::jump:
        _pc = in.yes;
        break;
      case Op::action: {
        const Outcome outcome = act(in);
        if (outcome != Outcome::goesOn || _settling) return outcome;
        break;
      }
      case Op::call:
        if (_observer) observe(in, "call", Verdict::yes, observedNow(_observer));
        _frames[_depth++] = _pc;
        _pc = _code->pipelines[in.index].start;
        break;
      case Op::leave: {
        const Outcome outcome = leave(in.value);
        if (outcome != Outcome::goesOn) return outcome;
        break;
      }
      case Op::stop:
        return _inError ? Outcome::failed : Outcome::stopped;
      case Op::set: {
        const Outcome outcome = assign(in);
        if (outcome != Outcome::goesOn) return outcome;
        break;
      }
    }
  }
}

/// The subject is settled: only actions fit for it run, as long as they follow one another.
Machine::Outcome Machine::afterwards() {
  for (;;) {
    const Instruction& in = _code->instructions[_pc];
    if (in.op == Op::hit) {
      _pc = in.yes;
      continue;
    }
    if (in.op != Op::action || !in.after) return Outcome::settled;
    const Outcome outcome = act(in);
    if (outcome != Outcome::goesOn) return outcome;
  }
}

Machine::Outcome Machine::act(const Instruction& in) {
  _rule = in.rule;
  const Runtime::Instant since = observedNow(_observer);
  if (_dry && leavesOut(in)) {
    const Verdict verdict = in.settles ? Verdict::settled : Verdict::yes;
    if (_observer) _observer->step(*this, {in.rule, nameOf(in), verdict, {}, _pc, true});
    return answered(in, verdict);
  }
  Verdict verdict = _code->actions[in.index].bound->run(*this);
  if (verdict == Verdict::suspended && _ticketOut) {
    if (_observer) observe(in, nameOf(in), verdict, since);
    return wait(in);
  }
  if (_ticketOut) dropTicket();
  if (verdict == Verdict::suspended) {
    if (!_early) _why = "suspended without a ticket";
    verdict = _early.value_or(Verdict::error);
  }
  _early.reset();
  if (_observer) observe(in, nameOf(in), verdict, since);
  return answered(in, verdict);
}

/// A dry run only reads and edits; who has more effects and no dry mode of his own is left out.
bool Machine::leavesOut(const Instruction& in) const {
  const auto& declaration = *_code->actions[in.index].declaration;
  return !declaration.rehearses && (declaration.effects & ~(reads | edits)) != 0;
}

/// What a verdict, given at once or by a ticket, means for the run.
Machine::Outcome Machine::answered(const Instruction& in, Verdict verdict) {
  if (_settling) {
    if (verdict == Verdict::error) _engine->_state->errors.add();
    _pc = in.yes;
    return Outcome::goesOn;
  }
  if (verdict == Verdict::settled || (verdict == Verdict::yes && in.settles)) {
    _settling = true;
    _pc = in.yes;
    return Outcome::goesOn;
  }
  if (verdict == Verdict::yes || verdict == Verdict::no) {
    _pc = verdict == Verdict::yes ? in.yes : in.no;
    return Outcome::goesOn;
  }
  return failedAt(in);
}

/// The innermost pipeline with an on-error one decides; an error in that one is final.
Machine::Outcome Machine::failedAt(const Instruction& in) {
  _engine->_state->errors.add();
  if (_why.empty()) _why = "failed";
  if (_inError) {
    _errorText += std::string("; then ") + nameOf(in) + ": " + _why;
    return Outcome::failed;
  }
  _errorAction = nameOf(in);
  _errorText = _why;
  _why.clear();
  _rule = in.rule;
  int handler = _code->pipelines[_code->pipelineOfRule[in.rule]].onError;
  for (; handler < 0 && _depth > 0; --_depth)
    handler = _code->pipelines[_code->pipelineOfRule[_code->instructions[_frames[_depth - 1]].rule]].onError;
  if (handler < 0) return Outcome::failed;
  _inError = true;
  _depth = 0;
  _pc = _code->pipelines[static_cast<size_t>(handler)].start;
  return Outcome::goesOn;
}

Machine::Outcome Machine::leave(bool value) {
  if (_depth == 0) return _inError ? Outcome::failed : Outcome::completed;
  if (_observer) observe(_code->instructions[_pc], "return", value ? Verdict::yes : Verdict::no, observedNow(_observer));
  const Instruction& call = _code->instructions[_frames[--_depth]];
  _pc = value ? call.yes : call.no;
  return Outcome::goesOn;
}

Machine::Outcome Machine::assign(const Instruction& in) {
  const Assignment& assignment = _code->assignments[in.index];
  const VariableSlot& target = _code->variables[assignment.slot];
  const Runtime::Instant since = observedNow(_observer);
  std::optional<Value> value = assignment.constant;
  if (assignment.single >= 0)
    value = _code->variables[static_cast<size_t>(assignment.single)].bound->read(*this);
  else if (!assignment.argument.isConstant())
    value = valueOf(target.declaration->type, assignment.argument.get(*this));
  const bool done = value && target.bound->write(*this, *value);
  if (!done) _why = "the value does not fit " + target.written;
  if (_observer) observe(in, "set", done ? Verdict::yes : Verdict::error, since);
  if (!done) return failedAt(in);
  _pc = in.yes;
  return Outcome::goesOn;
}

void Machine::finish(Outcome outcome) {
  static constexpr Ending Endings[] = {Ending::failed, Ending::failed, Ending::settled, Ending::completed, Ending::stopped, Ending::failed};
  _running = false;
  _owner->ended(*this, Endings[static_cast<size_t>(outcome)]);
}

Verdict Machine::fail(std::string_view text) {
  _why = text;
  return Verdict::error;
}

const char* Machine::nameOf(const Instruction& in) const {
  if (in.op == Op::action) return _code->actions[in.index].declaration->name.c_str();
  return in.op == Op::set ? "set" : "if";
}

void Machine::observe(const Instruction& in, const char* action, Verdict verdict, Runtime::Instant since) const {
  const auto at = static_cast<uint32_t>(&in - _code->instructions.data());
  _observer->step(*this, {in.rule, action, verdict, std::chrono::steady_clock::now() - since, at});
}

}  // namespace Patchbay::Pipeline
