#pragma once

#include <map>
#include <set>

#include "Syntax.h"

namespace Patchbay::Pipeline {

/// Which pipeline calls which: names, cycles, depth, and at which entry points each may find itself.
class Routes {
 public:
  Routes(const std::vector<PipelineSource>& pipelines, const Vocabulary& vocabulary, Problems& problems);
  /// Reports everything wrong. False when calls make no sense, so that nothing may follow them.
  bool check();
  /// The index of the pipeline with that name.
  std::optional<size_t> find(const std::string& name) const;
  /// Pipelines, called ones before their callers. Only when check() was true.
  const std::vector<size_t>& order() const { return _order; }

 private:
  struct Reason {
    size_t from;
    Location location;
  };
  void checkNames();
  void checkEntries();
  void visit(size_t pipeline, std::vector<size_t>& path);
  void reportCycle(const std::vector<size_t>& path, const RouteUse& last);
  void checkDepth();
  void spread(size_t pipeline, const std::string& entry);
  void checkPlaces();
  std::vector<std::string> names() const;

  const std::vector<PipelineSource>& _pipelines;
  const Vocabulary& _vocabulary;
  Problems& _problems;
  std::map<std::string, size_t> _byName;
  std::vector<int> _state;
  std::vector<size_t> _order;
  std::vector<std::map<std::string, std::string>> _reached;  ///< entry -> how, for each pipeline
  bool _sound = true;
};

}  // namespace Patchbay::Pipeline
