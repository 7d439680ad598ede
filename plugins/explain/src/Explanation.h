#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include <Poco/JSON/Object.h>

#include "patchbay/core/Core.h"
#include "patchbay/resolver/Resolver.h"
#include "patchbay/runtime/Ask.h"

namespace Patchbay::Explain {

/// What an explanation needs of others.
struct Means {
  Core::Service* core = nullptr;
  Resolver::Service* resolver = nullptr;
};

/// One dry run, written down step by step; then the targets, with what DNS says. Lives on one worker, deletes itself when everything is
/// told.
class Explanation : public Core::Rehearsal {
 public:
  Explanation(const Means& means, Runtime::Reply<Poco::JSON::Object> reply);
  ~Explanation() override;
  void step(const Pipeline::Machine& machine, const Pipeline::Step& step) override;
  void done(Core::Request& request, Pipeline::Ending ending, Parser::Fault fault) override;

 private:
  class Target;
  void addTargets(Core::Request& request);
  void told();
  const Means _means;
  const Runtime::Reply<Poco::JSON::Object> _reply;
  Poco::JSON::Object _out;
  std::vector<Poco::JSON::Object> _steps;
  std::vector<std::unique_ptr<Target>> _targets;
  size_t _open = 0;  ///< targets whose addresses are not known yet
  bool _sends = false;
};

}  // namespace Patchbay::Explain
