#include "patchbay/runtime/TimerWheel.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace Patchbay::Runtime {

using std::chrono::milliseconds;

// A timer's level is that of the highest differing digit (base 64) of its tick and the current one. So all timers of one tick are always in
// one slot, cascades included, and keep the order in which they were armed.

TimerWheel::TimerWheel(Instant now) : _start(now) {
  const auto clear = [](Timer& head) { head._next = head._previous = &head; };
  for (auto& level : _slots)
    for (auto& head : level) clear(head);
  clear(_far);
  clear(_expired);
}

uint64_t TimerWheel::tickOf(Instant due) const {
  if (due <= _start) return 0;
  const auto since = due - _start;
  return static_cast<uint64_t>(since / milliseconds(1)) + (since % milliseconds(1) != Duration::zero());
}

void TimerWheel::link(Timer& head, Timer& timer) {
  timer._previous = head._previous;
  timer._next = &head;
  head._previous->_next = &timer;
  head._previous = &timer;
}

void TimerWheel::unlink(Timer& timer) {
  Timer* next = timer._next;
  timer._previous->_next = next;
  next->_previous = timer._previous;
  timer._next = nullptr;
  if (next->_next == next) emptied(*next);
}

void TimerWheel::emptied(const Timer& head) {
  if (&head == &_far || &head == &_expired) return;
  const auto index = static_cast<size_t>(&head - &_slots[0][0]);
  _occupied[index / Slots] &= ~(uint64_t{1} << (index % Slots));
}

void TimerWheel::place(Timer& timer) {
  const uint64_t tick = std::max(tickOf(timer._due), _tick);
  const int level = (std::bit_width((tick ^ _tick) | 1) - 1) / Bits;
  if (level >= Levels) return link(_far, timer);
  const uint64_t slot = tick >> (level * Bits) & (Slots - 1);
  _occupied[level] |= uint64_t{1} << slot;
  link(_slots[level][slot], timer);
}

void TimerWheel::arm(Timer& timer, Instant due) {
  if (timer.armed())
    unlink(timer);
  else
    ++_size;
  timer._due = due;
  place(timer);
}

void TimerWheel::cancel(Timer& timer) {
  if (!timer.armed()) return;
  unlink(timer);
  --_size;
}

/// The first slot that is not empty, from the current one on: lower levels come before higher ones.
TimerWheel::Event TimerWheel::nextEvent() const {
  for (int level = 0; level < Levels; ++level) {
    const uint64_t digit = _tick >> (level * Bits) & (Slots - 1);
    const uint64_t ahead = _occupied[level] >> digit << digit;
    if (ahead == 0) continue;
    const uint64_t slot = static_cast<uint64_t>(std::countr_zero(ahead));
    const int above = (level + 1) * Bits;
    return {(_tick >> above << above) | slot << (level * Bits), level};
  }
  constexpr int all = Levels * Bits;
  return {((_tick >> all) + 1) << all, Levels};
}

std::optional<Instant> TimerWheel::nextDue() const {
  if (_size == 0) return std::nullopt;
  const uint64_t tick = _expired._next != &_expired ? _tick : nextEvent().tick;
  return _start + milliseconds(tick);
}

void TimerWheel::collect(Instant now) {
  const uint64_t target = now < _start ? 0 : static_cast<uint64_t>((now - _start) / milliseconds(1));
  while (_size > 0) {
    const Event event = nextEvent();
    if (event.tick > target) break;
    _tick = event.tick;
    take(event);
  }
  _tick = std::max(_tick, target);
}

/// Empties a slot that has come: its timers have expired, or go to lower levels.
void TimerWheel::take(const Event& event) {
  Timer& head = event.level == Levels ? _far : _slots[event.level][event.tick >> (event.level * Bits) & (Slots - 1)];
  if (head._next == &head) return;
  Timer* first = head._next;
  head._previous->_next = nullptr;
  head._next = head._previous = &head;
  emptied(head);
  while (first != nullptr) {
    Timer& timer = *std::exchange(first, first->_next);
    event.level == 0 ? link(_expired, timer) : place(timer);
  }
}

Timer* TimerWheel::takeExpired() {
  Timer* timer = _expired._next;
  if (timer == &_expired) return nullptr;
  unlink(*timer);
  --_size;
  return timer;
}

}  // namespace Patchbay::Runtime
