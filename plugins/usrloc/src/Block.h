#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "patchbay/runtime/TimerWheel.h"
#include "patchbay/usrloc/Usrloc.h"

namespace Patchbay::Usrloc {

/// One contact in one piece of memory: this header, its texts behind it. About 230 octets for a usual phone. Its timer is that of its
/// expiry.
struct Block : Runtime::Timer {
  enum Text : uint8_t { aor, uri, received, path, callId, userAgent, instance, foreignRuid, textCount };
  enum class Fate : uint8_t { live, replaced, removed };
  static constexpr size_t LongestText = 0xffff;

  /// Null when a text is too long or there is no memory.
  static Block* make(std::string_view aor, const Contact& contact);
  static Block* make(std::string_view aor, const Contact& contact, std::string_view foreignRuid);
  static void free(Block* block);

  std::string_view text(Text which) const;
  /// Its texts are views of this block.
  Contact contact() const;
  bool usable(Runtime::WallTime now) const { return permanent || expires > now; }
  bool same(const Contact& other) const;

  Block* nextContact = nullptr;   ///< of the same address of record
  Block* nextInBucket = nullptr;  ///< of the first contact: the next address of record
  Block* nextUnwritten = nullptr;
  Runtime::WallTime expires;
  uint64_t flags;
  uint64_t ruid = 0;  ///< the row's key in the database; 0 with a foreign one
  uint32_t hash = 0;
  uint32_t modified;  ///< seconds since 1970
  uint32_t regId;
  uint32_t cseq;
  uint32_t methods;
  uint16_t q;
  uint16_t listener;
  bool permanent;
  bool stored = false;     ///< the database has a row of it, or will soon
  bool unwritten = false;  ///< stands in the list of what is to be written
  Fate fate = Fate::live;
  uint16_t lengths[textCount];

 private:
  Block() = default;
};

}  // namespace Patchbay::Usrloc
