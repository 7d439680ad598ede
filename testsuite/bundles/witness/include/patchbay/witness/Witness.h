#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "patchbay/log/Api.h"
#include "patchbay/runtime/Clock.h"

namespace Patchbay::Witness {

/// What the witness has written down, and what it does when asked.
class PATCHBAY_API Service {
 public:
  virtual ~Service() = default;
  /// The lines of this kind since the last time, without the kind: tm, usrloc, claim, step, answer, data.
  virtual std::vector<std::string> take(std::string_view kind) = 0;
  /// An OPTIONS of our own; the answer is a line of `answer`.
  virtual bool ask(std::string_view uri, Runtime::Duration timeout) = 0;
  /// Writes a row of its own table; then one of `data`.
  virtual void remember(const std::string& who, int64_t times) = 0;
  /// Reads it back: "<who> <times>", or "nobody".
  virtual void recall(const std::string& who) = 0;
  /// Whether the current snapshot is held.
  virtual bool snapshotHeld() const = 0;
};

}  // namespace Patchbay::Witness
