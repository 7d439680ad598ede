#include "TicketPlaces.h"

#include <deque>
#include <mutex>
#include <vector>

namespace Patchbay::Pipeline {

namespace {

struct All {
  std::mutex mutex;
  std::deque<TicketPlace> places;
  std::vector<TicketPlace*> free;
};

/// Never destroyed: tickets may be kept by what ends later.
All& all() {
  static All& all = *new All;
  return all;
}

}  // namespace

TicketPlace& TicketPlaces::take() {
  std::lock_guard<std::mutex> lock(all().mutex);
  auto& free = all().free;
  if (free.empty()) {
    if (free.capacity() <= all().places.size()) free.reserve(2 * all().places.size() + 64);  // giving back must not fail
    return all().places.emplace_back();
  }
  TicketPlace& place = *free.back();
  free.pop_back();
  return place;
}

void TicketPlaces::give(TicketPlace& place) {
  std::lock_guard<std::mutex> lock(all().mutex);
  place.machine = nullptr;
  all().free.push_back(&place);
}

}  // namespace Patchbay::Pipeline
