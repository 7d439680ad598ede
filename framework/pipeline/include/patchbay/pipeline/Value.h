#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "patchbay/runtime/Endpoint.h"

namespace Patchbay::Pipeline {

/// Types of values in rules, parameters and settings. `duration` is written `500ms 2s 3min 1h 7d`, `bytes` `512B 16KiB 1MiB`; a bare number
/// is refused for both. `network` is an address or a prefix `10.0.0.0/8`. `list` is comma-separated text (settings only).
enum class Type : uint8_t { boolean, integer, number, text, duration, bytes, address, network, list };
PATCHBAY_API const char* nameOf(Type type);

/// What a variable or literal is worth while a pipeline runs. Text is borrowed: from the subject, the program or the machine's scratch;
/// it is valid until the pipeline ends or the subject is edited. Cheap to copy.
class PATCHBAY_API Value {
 public:
  enum class Kind : uint8_t { absent, boolean, integer, text, address };

  Value() = default;
  static Value absent() { return {}; }
  static Value of(bool flag) { return Value(Kind::boolean, flag ? 1 : 0); }
  static Value of(int64_t number) { return Value(Kind::integer, number); }
  static Value of(std::string_view text) {
    Value value(Kind::text, 0);
    value._text = text;
    return value;
  }
  static Value of(const Runtime::IpAddress& address) {
    Value value(Kind::address, 0);
    value._address = address;
    return value;
  }

  Kind kind() const { return _kind; }
  bool isAbsent() const { return _kind == Kind::absent; }
  bool boolean() const { return _number != 0; }
  /// Of an integer; a duration's are nanoseconds, a size's octets.
  int64_t integer() const { return _number; }
  std::string_view text() const { return _text; }
  const Runtime::IpAddress& address() const { return _address; }
  /// As a condition: absent, false, 0 and empty text are false.
  bool truth() const;

 private:
  Value(Kind kind, int64_t number) : _number(number), _kind(kind) {}
  int64_t _number = 0;
  std::string_view _text;
  Runtime::IpAddress _address;
  Kind _kind = Kind::absent;
};

/// "1500ms" and the like; none for a bare number, an unknown unit or an overflow.
PATCHBAY_API std::optional<std::chrono::nanoseconds> parseDuration(std::string_view text);
PATCHBAY_API std::optional<int64_t> parseBytes(std::string_view text);
PATCHBAY_API std::optional<int64_t> parseInteger(std::string_view text);
PATCHBAY_API std::optional<bool> parseBoolean(std::string_view text);  ///< yes no true false on off 1 0

}  // namespace Patchbay::Pipeline
