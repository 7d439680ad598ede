#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "patchbay/pipeline/Machine.h"
#include "patchbay/runtime/Endpoint.h"

namespace Patchbay::Explain {

/// A short text in place; what is longer is cut.
template <size_t Most>
class Short {
 public:
  void operator=(std::string_view text) {
    _length = static_cast<uint8_t>(std::min(text.size(), Most));
    if (_length != 0) std::memcpy(_text, text.data(), _length);
  }
  std::string_view view() const { return {_text, _length}; }
  operator std::string() const { return std::string(view()); }

 private:
  static_assert(Most < 256);
  uint8_t _length = 0;
  char _text[Most];
};

/// What happened to one request. Overwritten by a later one.
struct Trail {
  /// In one line of the cache.
  struct alignas(64) Event {
    enum class Kind : uint8_t { branch, reply } kind;
    uint16_t code;
    uint32_t after;  ///< milliseconds since it began
    Runtime::Endpoint peer;
    Short<23> what;  ///< the branch's URI, the reply's reason
  };
  static constexpr size_t MostRules = 24, MostEvents = 8;

  /// Forgets what was there before.
  void begin(uint64_t newSequence) {
    sequence = newSequence;
    rules = events = lost = 0;
    code = 0;
    over = false;
    error = std::string_view();
    errorAction = std::string_view();
  }
  void add(Event::Kind kind, uint16_t eventCode, uint32_t after, std::string_view what, const Runtime::Endpoint& peer) {
    if (events == MostEvents) {
      ++lost;
      return;
    }
    Event& event = list[events++];
    event.kind = kind;
    event.code = eventCode;
    event.after = after;
    event.what = what;
    event.peer = peer;
  }

  uint64_t sequence = 0;    ///< 0: none yet
  uint32_t generation = 0;  ///< of the rules
  uint16_t code = 0;        ///< the final answer, 0 without
  uint8_t rules = 0, events = 0, lost = 0;
  bool over = false;  ///< the rules have ended
  Pipeline::Ending ending{};
  Runtime::Instant began{};
  Runtime::WallTime at{};
  uint32_t took = 0;      ///< milliseconds until the rules had ended
  uint32_t answered = 0;  ///< milliseconds until the final answer
  std::array<uint16_t, MostRules> taken;
  Runtime::Endpoint source;
  Short<16> method;
  Short<96> callId;
  Short<72> from, to;
  Short<96> uri;
  std::array<Event, MostEvents> list;
  Short<24> errorAction;
  Short<96> error;

  /// What every request writes lies in front: brought into the cache for the request to come, since a ring is larger than that.
  void prefetch() const {
    constexpr size_t Line = 64;
    for (size_t at = 0; at < offsetof(Trail, list) + 2 * sizeof(Event); at += Line)
      __builtin_prefetch(reinterpret_cast<const char*>(this) + at, 1);
  }
};

static_assert(sizeof(Trail::Event) == 64);

}  // namespace Patchbay::Explain
