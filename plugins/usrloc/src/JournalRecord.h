#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "Block.h"

namespace Patchbay::Usrloc {

/// One change of a contact as the journal has it: a contact that was put or removed, whole, so that a record needs no other one.
/// On disk: length of the payload and CRC-32 of length and payload (4 octets each), then the payload; numbers in little-endian order.
struct JournalRecord {
  enum class Kind : uint8_t { put = 1, remove = 2 } kind = Kind::put;
  uint64_t ruid = 0;             ///< of the row; 0 with a foreign one
  std::string_view foreignRuid;  ///< all texts are views of the octets that were read
  std::string_view aor;
  std::string_view listener;  ///< as text: numbers change with the configuration
  Contact contact;            ///< without `listener`

  static constexpr size_t HeaderBytes = 8;
  static constexpr size_t LongestPayload = 10 * 65536;

  static void append(std::string& out, Kind kind, const Block& block, std::string_view listener);

  enum class Read : uint8_t { good, cutOff, damaged };
  /// The record at the beginning of `octets`, which then begins behind it. Cut off: there is less than the record says.
  Read read(std::string_view& octets);

 private:
  bool decode(std::string_view payload);
};

/// CRC-32 as zlib has it.
uint32_t checksum(std::string_view octets);
void appendNumber(std::string& out, uint64_t number, size_t octets);
uint64_t readNumber(std::string_view octets);

}  // namespace Patchbay::Usrloc
