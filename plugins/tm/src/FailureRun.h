#pragma once

#include "Run.h"

namespace Patchbay::Tm {

/// The failure pipeline, run when the best final reply is no 2xx and the caller still waits: it may relay to other targets, or answer, or
/// let the reply go.
class FailureRun : public Run {
 public:
  FailureRun(Turn& turn, ServerTransaction& ofTransaction, Core::RequestHold on, uint16_t pipeline);
  /// Makes one and starts it when the lock is released. On the home worker.
  static void begin(Turn& turn, ServerTransaction& transaction);

 protected:
  uint16_t pipeline() const override { return _pipeline; }
  void conclude(Turn& turn, Pipeline::Ending ending) override;

 private:
  const uint16_t _pipeline;
};

}  // namespace Patchbay::Tm
