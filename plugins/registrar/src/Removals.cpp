#include "Removals.h"

namespace Patchbay::Registrar {

namespace {

uint32_t secondsOf(Runtime::WallTime time) {
  return static_cast<uint32_t>(std::chrono::ceil<std::chrono::seconds>(time.time_since_epoch()).count());
}

}  // namespace

uint64_t Removals::hash(std::string_view aor, std::string_view callId) const {
  return Runtime::SipHash(_key).part(aor).part(callId).finish64();
}

void Removals::note(std::string_view aor, std::string_view callId, uint32_t cseq, Runtime::WallTime now) {
  const uint64_t who = hash(aor, callId);
  const uint32_t until = secondsOf(now + Lifetime);
  _until.store(until, std::memory_order_relaxed);
  std::lock_guard<std::mutex> lock(_locks[who % Locks]);
  _places[who % Places] = {who, cseq, until};
}

bool Removals::isLate(std::string_view aor, std::string_view callId, uint32_t cseq, Runtime::WallTime now) {
  if (secondsOf(now) >= _until.load(std::memory_order_relaxed)) return false;
  const uint64_t who = hash(aor, callId);
  std::lock_guard<std::mutex> lock(_locks[who % Locks]);
  const Place& place = _places[who % Places];
  return place.who == who && cseq < place.cseq && secondsOf(now) < place.until;
}

}  // namespace Patchbay::Registrar
