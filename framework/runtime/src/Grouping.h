#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <span>

#include "patchbay/runtime/Datagram.h"

namespace Patchbay::Runtime {

/// Which datagrams of an outbox go as one segmented message: those to one peer, of one size (the last may be shorter), in their order.
/// Datagrams of other peers between them do not matter: only each peer's order does. A few nanoseconds a datagram, no allocation.
class Grouping {
 public:
  static constexpr size_t Most = Outbox::MostDatagrams;
  static constexpr uint32_t MostOctets = 65000;

  struct Group {
    uint8_t first, last, count;
    bool open;       // takes more
    uint16_t size;   // of each segment
    uint32_t total;  // octets
  };

  /// With `segmented` false every datagram is its own group.
  void build(std::span<const Outbox::Entry> entries, bool segmented) {
    _count = 0;
    if (segmented) _current.fill(0);
    for (size_t i = 0; i < entries.size(); ++i) {
      const Outbox::Entry& entry = entries[i];
      if (!segmented) {
        start(i, entry.length, false);
        continue;
      }
      uint8_t& current = currentOf(entries, entry.target);
      if (current != 0 && join(_groups[current - 1], i, entry.length)) continue;
      start(i, entry.length, entry.length > 0 && entry.length <= longest(entry.target));
      current = static_cast<uint8_t>(_count);
    }
  }

  std::span<const Group> groups() const { return {_groups.data(), _count}; }
  /// The datagram after `index` in its group.
  size_t after(size_t index) const { return _next[index]; }

 private:
  static constexpr size_t Slots = 2 * Most;

  /// What an Ethernet frame of 1500 octets leaves.
  static uint32_t longest(const Endpoint& target) { return target.address.isV6() ? 1452 : 1472; }

  void start(size_t index, uint32_t length, bool open) {
    const auto at = static_cast<uint8_t>(index);
    _groups[_count++] = {at, at, 1, open, static_cast<uint16_t>(length), length};
  }

  bool join(Group& group, size_t index, uint32_t length) {
    if (!group.open || length == 0 || length > group.size || group.total + length > MostOctets) return false;
    _next[group.last] = static_cast<uint8_t>(index);
    group.last = static_cast<uint8_t>(index);
    ++group.count;
    group.total += length;
    group.open = length == group.size;
    return true;
  }

  static size_t slotOf(const Endpoint& target) {
    uint64_t word = 0;
    const auto octets = target.address.octets();
    std::memcpy(&word, octets.data() + (octets.size() & 8), octets.size() < 8 ? octets.size() : 8);
    return (word ^ uint64_t{target.port} << 40) * 0x9e3779b97f4a7c15 >> 57;  // 7 bits
  }

  /// Where the number (plus one) of the peer's newest group stands; 0 for a new peer.
  uint8_t& currentOf(std::span<const Outbox::Entry> entries, const Endpoint& target) {
    static_assert(Slots == 128);
    for (size_t slot = slotOf(target);; slot = (slot + 1) % Slots) {
      uint8_t& current = _current[slot];
      if (current == 0 || entries[_groups[current - 1].first].target == target) return current;
    }
  }

  std::array<Group, Most> _groups;
  std::array<uint8_t, Most> _next{};
  std::array<uint8_t, Slots> _current;
  size_t _count = 0;
};

}  // namespace Patchbay::Runtime
