#pragma once

#include <string>

#include "patchbay/resolver/Resolver.h"

namespace Patchbay::Resolver {

struct Inquiry;
struct Link;

/// Who waits for answers of name servers.
class Asker {
 public:
  virtual ~Asker() = default;
  /// The answer to what `link` waited for; it is out of the line again.
  virtual void answered(Link& link, const NameServer::Answer& answer) = 0;
};

/// An asker's place in the line of those that wait for one answer.
struct Link {
  bool linked() const { return next != nullptr; }
  void before(Link& other);
  void unlink();

  Link* next = nullptr;
  Link* previous = nullptr;
  Asker* asker = nullptr;
  const Inquiry* inquiry = nullptr;
};

/// A question that is on its way to the name server, once for all who ask it. Does not move.
struct Inquiry {
  Inquiry(std::string key) : key(std::move(key)) { waiting.next = waiting.previous = &waiting; }
  Inquiry(const Inquiry&) = delete;
  ~Inquiry();
  const std::string key;  ///< as the cache has it
  Runtime::Instant asked{};
  Link waiting;  ///< the line's head
};

}  // namespace Patchbay::Resolver
