#pragma once

#include "Transactions.h"
#include "patchbay/admin/Operation.h"
#include "patchbay/runtime/Environment.h"

namespace Patchbay::Tm {

/// transactions: what operators ask tm.
class Operations {
 public:
  explicit Operations(Transactions& transactions) : _transactions(transactions) {}
  void bind(Runtime::Environment& environment) { _environment = &environment; }
  std::vector<Admin::Operation> all();

 private:
  Admin::Answer list(const Admin::Arguments& arguments);
  std::vector<Poco::JSON::Object> inShard(Runtime::Worker& worker, size_t index, size_t most, const std::optional<std::string>& callId);
  Transactions& _transactions;
  Runtime::Environment* _environment = nullptr;
};

}  // namespace Patchbay::Tm
