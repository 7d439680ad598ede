#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "patchbay/runtime/Clock.h"
#include "patchbay/runtime/SipHash.h"

namespace Patchbay::Rr {

/// The value of the parameter that signs our Record-Route: six characters of time, 26 of authentication code (SipHash-128), and the rules'
/// class behind a dot. The alphabet is 0-9a-v, read without regard to case: a phone that folds URIs breaks nothing.
///
/// It vouches for the dialog (Call-ID and the tag of the one who began it), the time and the class; not for the addresses in it, which are
/// compared with ours when it comes back.
class Signature {
 public:
  static constexpr std::string_view Parameter = "sig";
  static constexpr size_t TimeLength = 6, CodeLength = 26, LongestClass = 32;
  static constexpr size_t MostOctets = TimeLength + CodeLength + 1 + LongestClass;

  /// What is signed besides the time.
  struct Dialog {
    std::string_view callId;
    std::string_view tag;  ///< of the one who began the dialog
    std::string_view dialogClass;
  };

  explicit Signature(const Runtime::SipHash::Key& key) : _key(key) {}
  /// Writes at most MostOctets to `out`; returns the end.
  char* write(const Dialog& dialog, Runtime::WallTime now, char* out) const;

  /// A parameter's value, taken apart; nothing is proved yet.
  struct Parts {
    uint64_t minutes = 0;
    uint64_t high = 0, low = 0;
    std::string_view dialogClass;
  };
  static std::optional<Parts> read(std::string_view value);
  /// No older than `lifetime`, nor more than ten minutes ahead (servers that share the secret need not share the second).
  static bool isCurrent(const Parts& parts, Runtime::WallTime now, std::chrono::minutes lifetime);
  /// In constant time. `dialog.dialogClass` is not looked at: the parts' own counts.
  bool proves(const Parts& parts, std::string_view callId, std::string_view tag) const;

  /// What may be a class: small letters, digits, '-', '_'.
  static bool isClass(std::string_view text);

 private:
  std::pair<uint64_t, uint64_t> codeOf(const Dialog& dialog, uint64_t minutes) const;
  Runtime::SipHash::Key _key;
};

}  // namespace Patchbay::Rr
