#pragma once

#include <string>
#include <vector>

#include "patchbay/parser/Uri.h"
#include "patchbay/transport/Transport.h"

namespace Patchbay::Core {

/// How a user is reached: one of his contacts.
struct Location {
  std::string uri;         ///< the Request-URI
  std::string nextHop;     ///< a URI to send to instead; empty: none
  std::string path;        ///< Path values, which become Route (RFC 3327)
  Transport::Flow flow{};  ///< set: he is reached by exactly this connection
};

/// Offered by whoever keeps contacts, for requests of our own.
class PATCHBAY_API Locations {
 public:
  virtual ~Locations() = default;
  /// The contacts of a user of ours, never none. On an operator's thread; throws as operations do.
  virtual std::vector<Location> of(const Parser::Uri& user) const = 0;
};

}  // namespace Patchbay::Core
