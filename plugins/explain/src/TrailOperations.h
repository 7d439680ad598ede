#pragma once

#include "Recorder.h"
#include "patchbay/admin/Operation.h"

namespace Patchbay::Explain {

/// trails, trail: the requests that were there.
class TrailOperations {
 public:
  explicit TrailOperations(Recorder& recorder) : _recorder(recorder) {}
  std::vector<Admin::Operation> all();

 private:
  Admin::Answer list(const Admin::Arguments& arguments);
  Admin::Answer show(const Admin::Arguments& arguments);
  Poco::JSON::Object row(uint64_t id, const Trail& trail);
  Poco::JSON::Object whole(uint64_t id, const Trail& trail);
  Recorder& _recorder;
};

}  // namespace Patchbay::Explain
