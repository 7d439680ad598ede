#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "patchbay/runtime/Endpoint.h"
#include "patchbay/runtime/SipHash.h"

namespace Patchbay::Tm {

/// How many branches to an address have no final reply yet, so that a target which answers nothing holds a part of our memory only. From
/// all workers.
///
/// Two rows of counters, each address by a keyed hash in one place of either row; the smaller of the two counts. So the memory is fixed
/// (512 KiB), however many addresses there are, and an address suffers from others only when it shares both its places with full ones.
class OpenBranches {
 public:
  OpenBranches(const Runtime::SipHash::Key& key, uint32_t most) : _key(key), _most(most), _rows(2 * Places) {}

  /// Counts one more; 0 when there are too many. What is returned is for `leave`.
  uint32_t enter(const Runtime::Endpoint& target);
  void leave(uint32_t place);
  bool isFull(const Runtime::Endpoint& target) const { return count(placeOf(target)) >= _most; }
  /// Sure when true.
  bool isEmpty(const Runtime::Endpoint& target) const { return count(placeOf(target)) == 0; }

 private:
  static constexpr size_t Places = 1 << 16;
  uint32_t placeOf(const Runtime::Endpoint& target) const {
    return static_cast<uint32_t>(Runtime::TableHash(_key).part(target.address.octets()).add(uint64_t(target.port)).finish64()) | 1;
  }
  std::atomic<uint32_t>& first(uint32_t place) { return _rows[place & (Places - 1)]; }
  std::atomic<uint32_t>& second(uint32_t place) { return _rows[Places + (place >> 16)]; }
  uint32_t count(uint32_t place) const;

  const Runtime::SipHash::Key _key;
  const uint32_t _most;
  std::vector<std::atomic<uint32_t>> _rows;
};

}  // namespace Patchbay::Tm
