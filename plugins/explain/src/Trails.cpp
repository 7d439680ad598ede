#include "Trails.h"

#include <algorithm>
#include <new>
#include <type_traits>

namespace Patchbay::Explain {

namespace {

constexpr int WorkerBits = 8;
constexpr uint64_t Block = 128;

/// A bijection of 64 bits without visible order (the finisher of splitmix64), and back.
uint64_t mixed(uint64_t value) {
  value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
  value = (value ^ value >> 27) * 0x94d049bb133111eb;
  return value ^ value >> 31;
}

uint64_t unmixed(uint64_t value) {
  value = (value ^ value >> 31 ^ value >> 62) * 0x319642b2d24d8ec3;
  value = (value ^ value >> 27 ^ value >> 54) * 0x96de1b173f119089;
  return value ^ value >> 30 ^ value >> 60;
}

}  // namespace

static_assert(std::is_trivially_copyable_v<Trail>, "so that zeroed memory holds some");

Trail* Trails::emptyTrails(size_t count) {
  void* const memory = std::calloc(count, sizeof(Trail));
  if (memory == nullptr) throw std::bad_alloc();
  return static_cast<Trail*>(memory);
}

void Trails::configure(size_t workers, size_t most, uint64_t key) {
  _key = key;
  if (most == 0) return;
  for (size_t i = 0; i < workers; ++i) _rings.push_back(std::make_unique<Ring>(std::max<size_t>(most / workers, 1)));
}

uint64_t Trails::idOf(size_t worker, uint64_t sequence) const {
  return mixed((sequence << WorkerBits | worker) ^ _key);
}

std::pair<Trails::Ring*, uint64_t> Trails::placeOf(uint64_t id) const {
  const uint64_t place = unmixed(id) ^ _key;
  const size_t worker = place & ((1u << WorkerBits) - 1);
  return {worker < _rings.size() ? _rings[worker].get() : nullptr, place >> WorkerBits};
}

/// The Block trails up to `from`, newest first; false when it was enough or there are no more.
bool Trails::block(size_t worker, uint64_t from, const std::function<bool(uint64_t, const Trail&)>& each) {
  Ring& ring = *_rings[worker];
  std::lock_guard<std::mutex> lock(ring.mutex);
  for (uint64_t sequence = from; sequence > 0 && sequence + Block > from; --sequence) {
    const Trail& trail = ring.at(sequence);
    if (trail.sequence == sequence && !each(idOf(worker, sequence), trail)) return false;
  }
  return from > Block && from + ring.count > ring.last + Block;
}

void Trails::each(const std::function<bool(uint64_t, const Trail&)>& each) {
  for (size_t worker = 0; worker < _rings.size(); ++worker) {
    uint64_t from = 0;
    {
      std::lock_guard<std::mutex> lock(_rings[worker]->mutex);
      from = _rings[worker]->last;
    }
    while (block(worker, from, each)) from -= Block;
  }
}

}  // namespace Patchbay::Explain
