#include "Failures.h"

#include <algorithm>

namespace Patchbay::Auth {

namespace {

/// Of the process's monotonic time, never 0.
uint32_t secondsOf(Runtime::Instant now) {
  return static_cast<uint32_t>(std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count()) + 1;
}

/// From how many failures on the answer is held longer.
constexpr uint32_t SlowPair = 3, SlowSource = 10, SlowAccount = 10;

}  // namespace

Failures::Failures(const Settings& settings, const Runtime::TableHash::Key& key)
    : _key(key), _sets(Sets), _known(new std::atomic<uint32_t>[Pairs]()) {
  use(settings);
}

void Failures::use(const Settings& settings) {
  _window = static_cast<uint32_t>(settings.window.count());
  _most = settings.most;
  _mostOfSource = settings.mostOfSource;
  _hold = settings.hold;
  _longestHold = settings.longestHold;
}

/// Of IPv6 the network: a host has as many addresses in it as it likes.
std::string_view Failures::networkOf(const Who& who) {
  return who.source.octets().substr(0, who.source.isV6() ? 8 : 4);
}

uint64_t Failures::pairOf(const Who& who) const {
  return Runtime::TableHash(_key).add(uint64_t{3}).part(networkOf(who)).part(who.user).part(who.realm).finish64();
}

Failures::Keys Failures::keysOf(const Who& who) const {
  return {Runtime::TableHash(_key).add(uint64_t{1}).part(networkOf(who)).finish64(),
          Runtime::TableHash(_key).add(uint64_t{2}).part(who.user).part(who.realm).finish64(), pairOf(who)};
}

bool Failures::isKnown(uint64_t pair) const {
  return _known[pair % Pairs].load(std::memory_order_relaxed) == static_cast<uint32_t>(pair >> 32);
}

/// No window can be open: the usual state, and all that a good request pays for.
bool Failures::isQuiet(uint32_t now) const {
  const uint32_t last = _last.load(std::memory_order_relaxed);
  return last == 0 || now - last > _window.load(std::memory_order_relaxed);
}

bool Failures::refuses(const Who& who, Runtime::Instant now) {
  const uint32_t second = secondsOf(now);
  if (isQuiet(second)) return false;
  const Keys keys = keysOf(who);
  if (count(keys.pair, second) >= _most.load(std::memory_order_relaxed)) return true;
  return count(keys.source, second) >= _mostOfSource.load(std::memory_order_relaxed) && !isKnown(keys.pair);
}

Runtime::Duration Failures::add(const Who& who, Runtime::Instant now) {
  const uint32_t second = secondsOf(now);
  _last.store(second, std::memory_order_relaxed);
  const Keys keys = keysOf(who);
  const auto over = [](uint32_t count, uint32_t free) { return count > free ? count - free : 0; };
  const uint32_t step = std::max({over(raise(keys.pair, second), SlowPair), over(raise(keys.source, second), SlowSource),
                                  over(raise(keys.account, second), SlowAccount)});
  const Runtime::Duration hold = _hold.load();
  return std::min(hold * (1 << std::min(step, 10u)), std::max(hold, _longestHold.load()));
}

void Failures::succeeded(const Who& who) {
  const uint64_t pair = pairOf(who);
  auto& place = _known[pair % Pairs];
  const auto tag = static_cast<uint32_t>(pair >> 32);
  if (place.load(std::memory_order_relaxed) != tag) place.store(tag, std::memory_order_relaxed);
}

uint32_t Failures::count(uint64_t key, uint32_t now) {
  const size_t index = (key >> 8) % Sets;
  const std::lock_guard<std::mutex> guard(_locks[index % Locks].mutex);
  for (const Entry& entry : _sets[index])
    if (entry.key == key && entry.count != 0) return isOver(entry, now) ? 0 : entry.count;
  return 0;
}

/// The place of an entry whose window is over, else of the smallest count, is taken.
uint32_t Failures::raise(uint64_t key, uint32_t now) {
  const size_t index = (key >> 8) % Sets;
  const std::lock_guard<std::mutex> guard(_locks[index % Locks].mutex);
  auto& set = _sets[index];
  Entry* place = &set[0];
  for (Entry& entry : set) {
    if (entry.key == key && entry.count != 0) {
      if (!isOver(entry, now)) return ++entry.count;
      place = &entry;
      break;
    }
    const auto worth = [&](const Entry& one) { return isOver(one, now) ? 0 : one.count; };
    if (worth(entry) < worth(*place)) place = &entry;
  }
  *place = {key, 1, now};
  return 1;
}

}  // namespace Patchbay::Auth
