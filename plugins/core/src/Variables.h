#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "patchbay/core/Request.h"
#include "patchbay/pipeline/Declaration.h"

namespace Patchbay::Core {

/// The entry points that run on a Request: a new one, a branch's, a reply, a failed one.
inline std::vector<std::string> onRequests() {
  return {"request", "branch", "reply", "failure"};
}

/// A variable that is a function of the machine.
template <class F>
class Computed : public Pipeline::Variable {
 public:
  explicit Computed(F read) : _read(std::move(read)) {}
  Pipeline::Value read(Pipeline::Machine& machine) const override { return _read(machine); }

 private:
  F _read;
};

template <class F>
Pipeline::VariableDeclaration plain(std::string name, std::string summary, Pipeline::Type type, F read) {
  Pipeline::VariableDeclaration declaration;
  declaration.name = std::move(name);
  declaration.summary = std::move(summary);
  declaration.type = type;
  declaration.entries = onRequests();
  declaration.bind = [read](const Pipeline::VariableReference&, Pipeline::Binding&) { return std::make_unique<Computed<F>>(read); };
  return declaration;
}

/// Text as a value; empty text of a part that is not there is absent.
inline Pipeline::Value textOrAbsent(std::string_view text) {
  return text.empty() ? Pipeline::Value::absent() : Pipeline::Value::of(text);
}
/// %XX decoded once, in the machine's scratch when there is one; as it is when an escape is broken.
Pipeline::Value decoded(Pipeline::Machine& machine, std::string_view text);
/// In lower case.
Pipeline::Value folded(Pipeline::Machine& machine, std::string_view text);

}  // namespace Patchbay::Core
