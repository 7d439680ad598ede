#pragma once

#include "patchbay/pipeline/Machine.h"

namespace Patchbay::Pipeline {

/// All places of the process, used or free. From any thread; a machine takes one in its life.
class TicketPlaces {
 public:
  static TicketPlace& take();
  static void give(TicketPlace& place);
};

}  // namespace Patchbay::Pipeline
