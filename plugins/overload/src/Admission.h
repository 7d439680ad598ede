#pragma once

#include <chrono>
#include <cstdint>

#include "patchbay/parser/Names.h"
#include "patchbay/runtime/Clock.h"

namespace Patchbay::Overload {

/// What becomes of a new request that has waited.
enum class Sentence : uint8_t {
  admit,
  share,   ///< refused, one of a share
  late,    ///< refused, as all that have waited so long
  discard  ///< not even answered
};

/// The limits of waiting, and the choice by them.
class Admission {
 public:
  struct Limits {
    Runtime::Duration soft = std::chrono::milliseconds(200);
    Runtime::Duration hard = std::chrono::milliseconds(500);
    Runtime::Duration discard = std::chrono::seconds(2);
  };
  Admission() = default;
  explicit Admission(const Limits& limits) : _limits(limits) {}

  /// `random` is uniform over all values. The share grows evenly, from none at `soft` to all at `hard`; that of methods which make no calls
  /// begins half-way.
  Sentence judge(Parser::Method method, Runtime::Duration waited, uint64_t random) const;
  /// Requests of these methods belong to something that is there already, whatever their To says.
  static bool isSpared(Parser::Method method) {
    return method == Parser::Method::ack || method == Parser::Method::cancel || method == Parser::Method::bye ||
           method == Parser::Method::prack;
  }

 private:
  Limits _limits;
};

}  // namespace Patchbay::Overload
