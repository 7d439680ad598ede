#pragma once

#include "patchbay/core/Request.h"
#include "patchbay/pipeline/Declaration.h"

namespace Patchbay::Maxfwd {

/// mf_process_maxfwd_header(limit): counts the request's hops down in its edits, once.
class CountDown : public Pipeline::Action {
 public:
  CountDown(Pipeline::IntegerArgument limit, uint8_t doneFlag) : _limit(std::move(limit)), _done(uint64_t{1} << doneFlag) {}
  Pipeline::Verdict run(Pipeline::Machine& machine) override;

 private:
  bool write(Core::Request& request, uint32_t value) const;
  Pipeline::IntegerArgument _limit;
  uint64_t _done;  ///< the flag that tells a second call
};

}  // namespace Patchbay::Maxfwd
