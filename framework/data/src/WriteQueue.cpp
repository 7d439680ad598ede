#include "WriteQueue.h"

#include <iterator>

namespace Patchbay::Data {

void WriteQueue::add(Change change) {
  const auto found = _byKey.find(change.key);
  if (found == _byKey.end()) {
    _changes.push_back(std::move(change));
    _byKey.emplace(_changes.back().key, std::prev(_changes.end()));
    return;
  }
  Change& earlier = *found->second;
  earlier.removal = change.removal;
  earlier.values = std::move(change.values);
  std::move(change.waiters.begin(), change.waiters.end(), std::back_inserter(earlier.waiters));
}

std::vector<Change> WriteQueue::take(size_t most) {
  std::vector<Change> group;
  group.reserve(std::min(most, _changes.size()));
  while (group.size() < most && !_changes.empty()) {
    _byKey.erase(_changes.front().key);
    group.push_back(std::move(_changes.front()));
    _changes.pop_front();
  }
  return group;
}

void WriteQueue::putBack(std::vector<Change> group) {
  for (auto change = group.rbegin(); change != group.rend(); ++change) {
    const auto found = _byKey.find(change->key);
    if (found == _byKey.end()) {
      _changes.push_front(std::move(*change));
      _byKey.emplace(_changes.front().key, _changes.begin());
    } else {
      _changes.splice(_changes.begin(), _changes, found->second);
      found->second->number = change->number;
      auto& waiters = found->second->waiters;
      waiters.insert(waiters.begin(), std::make_move_iterator(change->waiters.begin()), std::make_move_iterator(change->waiters.end()));
    }
  }
}

}  // namespace Patchbay::Data
