#pragma once

#include <optional>

#include "patchbay/parser/Message.h"

namespace Patchbay::Rr {

/// The values of a request's Route headers, from the top, over line and comma alike. Nothing is allocated.
class RouteWalk {
 public:
  struct Value {
    std::string_view text;
    const Parser::Header* header;
    uint32_t begin;        ///< offset in the message
    uint32_t previousEnd;  ///< where the value before it on its line ends; its own begin when it is the first there
    bool isFirstOfLine() const { return previousEnd == begin; }
    uint32_t end() const { return begin + static_cast<uint32_t>(text.size()); }
  };

  explicit RouteWalk(const Parser::Message& message);
  std::optional<Value> next();

 private:
  const Parser::Message& _message;
  const Parser::Header* _header;
  Parser::ListValues _values;
  uint32_t _previousEnd = 0;
};

}  // namespace Patchbay::Rr
