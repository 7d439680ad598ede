#pragma once

#include <string_view>

#include "Octets.h"
#include "patchbay/core/Request.h"

namespace Patchbay::Tm {

/// A reply on its way upstream: without its top Via, else octet for octet but for the edits of its pipeline; a 503 becomes a 500, since it
/// says nothing about us (RFC 3261, 16.7 step 6).
class Upstream {
 public:
  explicit Upstream(Core::Request& reply);
  /// Of a reply that was kept: its Via is gone already.
  Upstream(int code, std::string_view kept);
  size_t room() const;
  /// At most room() octets; the length that was written, 0 when an edit does not fit the message.
  size_t write(char* out);
  void keep(Octets& out);

 private:
  void exchangeLine(int code);
  Core::Request* _edited = nullptr;
  std::string_view _line;  ///< replaces the first line when not empty
  std::string_view _head, _rest;
};

}  // namespace Patchbay::Tm
