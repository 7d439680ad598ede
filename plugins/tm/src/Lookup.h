#pragma once

#include <cstdint>
#include <vector>

#include "patchbay/resolver/Resolver.h"

namespace Patchbay::Tm {

class ClientTransaction;
class Transactions;

/// A branch's question to the name server; kept by its worker for the next one when it has been told. A transaction with questions open is
/// not ended.
class Lookup : public Resolver::Waiter {
 public:
  explicit Lookup(Transactions& transactions) : _transactions(transactions) {}
  void waitFor(ClientTransaction& branch, uint16_t shard) {
    _branch = &branch;
    _shard = shard;
  }
  void resolved(Resolver::Outcome outcome, const std::vector<Resolver::Target>& targets) override;

 private:
  Transactions& _transactions;
  ClientTransaction* _branch = nullptr;
  uint16_t _shard = 0;
};

}  // namespace Patchbay::Tm
