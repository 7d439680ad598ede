#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "patchbay/core/Request.h"

namespace Patchbay::Core {

/// What has to change in the topmost Via of a request so that it says where the request really came from: `received` and the value of
/// `rport`, whatever the sender claimed (RFC 3261, 18.2.1; RFC 3581, 4). At most two splices, in the order of their places.
class ViaStamp {
 public:
  struct Splice {
    Parser::Slice where;
    std::array<char, 72> text;
    size_t length = 0;
    std::string_view view() const { return {text.data(), length}; }
  };

  explicit ViaStamp(Received& request);
  size_t count() const { return _count; }
  const Splice& operator[](size_t index) const { return _splices[index]; }
  /// Writes the stretch of the message with the splices put in.
  void write(const Parser::Message& message, Parser::Slice line, Parser::Writer& out) const;
  static constexpr size_t Growth = 144;

 private:
  void add(std::string_view octets, std::string_view where, std::string_view prefix, std::string_view value, std::string_view suffix);
  Splice _splices[2];
  size_t _count = 0;
};

}  // namespace Patchbay::Core
