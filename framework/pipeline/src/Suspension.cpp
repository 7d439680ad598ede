#include <utility>

#include "Code.h"
#include "EngineState.h"
#include "TicketPlaces.h"

/// The part of the machine that waits.
namespace Patchbay::Pipeline {

namespace {

std::string durationText(Runtime::Duration duration) {
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
  return milliseconds % 1000 == 0 ? std::to_string(milliseconds / 1000) + "s" : std::to_string(milliseconds) + "ms";
}

}  // namespace

/// The ticket may die while the machine runs on: nothing of it is touched after that.
void Ticket::resume(Verdict verdict, std::string_view text) {
  TicketPlace* const place = std::exchange(_place, nullptr);
  if (!place || place->generation.load(std::memory_order_relaxed) != _generation) return;
  place->machine->resumed(_generation, verdict, text);
}

void Ticket::resumeLater(Verdict verdict, const char* text) {
  TicketPlace* const place = std::exchange(_place, nullptr);
  if (!place) return;
  _worker->post([place, generation = _generation, verdict, text] {
    Ticket ticket;
    ticket._place = place;
    ticket._generation = generation;
    ticket.resume(verdict, text);
  });
}

bool Ticket::awaited() const {
  return _place && _place->generation.load(std::memory_order_relaxed) == _generation && _place->machine->_ticketOut;
}

Ticket Machine::suspend(Runtime::Duration deadline) {
  if (!_place) {
    _place = &TicketPlaces::take();
    _place->machine = this;
  }
  dropTicket();
  _ticketOut = true;
  _early.reset();
  _patience = deadline;
  Ticket ticket;
  ticket._place = _place;
  ticket._worker = _worker;
  ticket._generation = generation();
  return ticket;
}

/// The ticket that is out is stale from now on.
void Machine::dropTicket() {
  _ticketOut = false;
  if (_place) _place->generation.store(generation() + 1, std::memory_order_relaxed);
}

void Machine::settle() {
  dropTicket();
  _early = Verdict::settled;
}

/// The action has said that it waits. The owner may resume, or refuse.
Machine::Outcome Machine::wait(const Instruction& in) {
  const bool told = _told;
  _told = true;
  const bool granted = told || _owner->suspending(*this);
  if (_early) return answered(in, *std::exchange(_early, std::nullopt));
  if (granted && _engine->_state->enter()) {
    enterWait();
    return Outcome::waits;
  }
  dropTicket();
  _engine->_state->refused.add();
  _why = "too many wait already";
  return answered(in, Verdict::error);
}

void Machine::enterWait() {
  _suspended = true;
  _engine->_state->suspensions.add();
  _engine->_state->deadlines[_worker->index()]->wheel().arm(_deadline, _worker->now() + _patience);
}

/// Ends the suspension, whatever comes next; tickets are stale from now on.
void Machine::endWait() {
  _engine->_state->deadlines[_worker->index()]->wheel().cancel(_deadline);
  _engine->_state->leave();
  _suspended = false;
  dropTicket();
}

void Machine::cancel() {
  if (!_suspended) return;
  endWait();
  _running = false;
  _owner->ended(*this, Ending::cancelled);
}

void Machine::resumed(uint32_t generation, Verdict verdict, std::string_view text) {
  if (generation != this->generation() || !_ticketOut) return;
  if (verdict == Verdict::suspended) {
    verdict = Verdict::error;
    text = "resumed as suspended";
  }
  if (verdict == Verdict::error) _why = text;
  if (!_suspended) {
    _early = verdict;
    _ticketOut = false;
    return;
  }
  endWait();
  const Instruction& in = _code->instructions[_pc];
  if (_observer) observe(in, nameOf(in), verdict, std::chrono::steady_clock::now());
  const Outcome outcome = answered(in, verdict);
  if (outcome == Outcome::goesOn)
    run();
  else
    finish(outcome);
}

void Machine::deadlinePassed(Runtime::Timer& timer) {
  Machine& machine = *static_cast<Deadline&>(timer).machine;
  machine._engine->_state->timeouts.add();
  machine.resumed(machine.generation(), Verdict::error, "no answer within " + durationText(machine._patience));
}

/// The engine goes: nobody resumes the machine any more, and its owner is not told.
void Machine::forsake(Runtime::Timer& timer) {
  Machine& machine = *static_cast<Deadline&>(timer).machine;
  machine._suspended = machine._running = false;
  machine.dropTicket();
}

Deadlines::~Deadlines() {
  _worker.remove(*this);
  for (auto due = _wheel.nextDue(); due; due = _wheel.nextDue())
    _wheel.advance(*due, [](Runtime::Timer& timer) { Machine::forsake(timer); });
}

void Deadlines::tick(Runtime::Instant now) {
  _wheel.advance(now, [](Runtime::Timer& timer) { Machine::deadlinePassed(timer); });
}

}  // namespace Patchbay::Pipeline
