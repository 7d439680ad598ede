#pragma once

#include <functional>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "patchbay/data/Database.h"

namespace Patchbay::Data {

struct OpenTable;

/// Who wants to hear of a commit, and where.
struct Waiter {
  Runtime::Worker* worker;  ///< null: whoever writes calls it
  Database::Committed done;
};

/// One row to write or (removal) to take away. The key says which row, over all tables.
struct Change {
  const OpenTable* table = nullptr;
  bool removal = false;
  Row values;  ///< of a removal: the key
  std::string key;
  std::vector<Waiter> waiters;
  uint64_t number = 0;
};

/// Changes that wait, first come first written, at most one a key: a later one takes the place of an earlier one. Not thread-safe.
class WriteQueue {
 public:
  void add(Change change);
  /// The oldest ones.
  std::vector<Change> take(size_t most);
  /// A group that could not be written, back to the front. What has been changed again meanwhile takes the place and the number of the
  /// change that it makes needless.
  void putBack(std::vector<Change> group);
  size_t size() const { return _changes.size(); }
  bool has(const std::string& key) const { return _byKey.count(key) != 0; }
  /// The number of the oldest one; numbers grow from front to back. Not to be asked when empty.
  uint64_t firstNumber() const { return _changes.front().number; }

 private:
  std::list<Change> _changes;
  std::unordered_map<std::string_view, std::list<Change>::iterator> _byKey;  // views of the changes' own keys
};

}  // namespace Patchbay::Data
