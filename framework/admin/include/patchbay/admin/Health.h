#pragma once

#include <map>
#include <string>
#include <string_view>

#include "patchbay/log/Api.h"
#include "patchbay/runtime/Guarded.h"

namespace Patchbay::Admin {

/// Who is ready and who is not, for /readyz. Ready means: takes traffic. Thread-safe.
class PATCHBAY_API Health {
 public:
  enum class State { loading, ready, degraded };
  struct Entry {
    State state;
    std::string text;
  };
  void set(std::string_view part, State state, std::string_view text = {});
  /// No part is loading, and the server as a whole has been set ready.
  bool ready() const;
  std::map<std::string, Entry> entries() const;

 private:
  Runtime::Guarded<std::map<std::string, Entry>> _entries;
};

}  // namespace Patchbay::Admin
