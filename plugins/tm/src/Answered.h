#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <mutex>
#include <unordered_map>

#include "TransactionKey.h"
#include "patchbay/parser/Message.h"
#include "patchbay/runtime/Clock.h"

namespace Patchbay::Tm {

/// Which requests the rules have answered in a transaction lately, by Call-ID, From tag and CSeq: the same request that came by another
/// path is a merged one, and gets 482 (RFC 3261, 8.2.2.2). Requests that were relayed, or answered without a transaction, are not in it.
/// Has locks of its own, which may be taken under a shard's.
class Answered {
 public:
  /// Takes note of the answer; true when the request has been answered in another transaction before.
  bool isMerged(const Runtime::SipHash::Key& secret, Parser::Message& request, const Key& transaction, Runtime::Instant now,
                Runtime::Duration life);
  /// Forgets what is too old.
  void purge(size_t part, Runtime::Instant now);
  size_t size();

 private:
  struct Entry {
    Runtime::Instant until;
    uint64_t request;
  };
  struct Part {
    std::mutex mutex;
    std::unordered_map<uint64_t, Key> transactions;
    std::deque<Entry> order;
    void purge(Runtime::Instant now);
  };
  std::array<Part, 64> _parts;
};

}  // namespace Patchbay::Tm
