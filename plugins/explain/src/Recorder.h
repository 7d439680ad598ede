#pragma once

#include <deque>

#include "Trails.h"
#include "patchbay/bundle/Plugin.h"
#include "patchbay/core/Core.h"
#include "patchbay/tm/Tm.h"

namespace Patchbay::Explain {

/// Writes trails as requests go by: core tells where they begin and how the rules ended, tm what was sent and came back.
class Recorder : public Core::RequestObserver, public Tm::Observer {
 public:
  void configure(size_t workers, size_t most, uint64_t key) { _trails.configure(workers, most, key); }
  /// The rules that the next snapshot has.
  void furnish(Pipeline::Snapshot& next);

  uint64_t began(Core::Request& request) override;
  void ended(Core::Request& request, Pipeline::Ending ending) override;
  void branch(Core::Request& request, std::string_view uri, const Transport::Flow& flow) override;
  void reply(Core::Request& request, Core::Received& reply) override;
  void final(Core::Request& request, int code) override;

  Trails& trails() { return _trails; }
  /// "offline (conf/routing.xml:63)"; of rules that are long gone a number.
  std::string ruleText(uint32_t generation, uint16_t rule);

 private:
  struct Generation;
  struct Rules {
    uint32_t generation;
    std::vector<std::string> texts;
  };
  static constexpr size_t MostGenerations = 32;
  static uint32_t since(const Trail& trail);
  void note(Core::Request& request, Trail::Event::Kind kind, int code, std::string_view what, const Runtime::Endpoint& peer);
  Trails _trails;
  std::mutex _rulesMutex;
  std::deque<Rules> _rules;
  uint32_t _generation = 0;
  size_t _part = SIZE_MAX;  ///< where a snapshot has its generation
};

}  // namespace Patchbay::Explain
