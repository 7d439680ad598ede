#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "patchbay/log/Api.h"

namespace Patchbay::Parser {

/// The one writer of header lines and start lines. Writes into given room; what does not fit, or would break out of its line (CR, LF, NUL
/// in a name or value), makes it fail for good: check ok() at the end, never send a failed one. No allocation.
class PATCHBAY_API Writer {
 public:
  Writer(char* begin, size_t room) : _begin(begin), _at(begin), _end(begin + room) {}

  /// Octets that were received and checked, or are ours: copied as they are.
  Writer& raw(std::string_view octets) {
    if (octets.empty()) return *this;  // it may be a null pointer's, which memcpy must not get
    if (octets.size() <= static_cast<size_t>(_end - _at)) {
      std::memcpy(_at, octets.data(), octets.size());
      _at += octets.size();
    } else {
      _ok = false;
    }
    return *this;
  }
  /// Text from rules, variables, databases: refused with control characters other than tab.
  Writer& text(std::string_view text);
  Writer& number(uint64_t number);
  Writer& hex(uint64_t number);  ///< 16 digits
  /// `name: value` and line end; the name must be a token.
  Writer& header(std::string_view name, std::string_view value);

  void fail() { _ok = false; }
  bool ok() const { return _ok; }
  size_t size() const { return static_cast<size_t>(_at - _begin); }
  std::string_view written() const { return {_begin, size()}; }
  size_t room() const { return static_cast<size_t>(_end - _at); }

 private:
  char* _begin;
  char* _at;
  char* _end;
  bool _ok = true;
};

/// Whether text may stand in a header value or start line: no control characters but tab.
PATCHBAY_API bool isHeaderSafe(std::string_view text);

}  // namespace Patchbay::Parser
