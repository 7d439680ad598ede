#pragma once

#include <map>
#include <utility>

#include "patchbay/bundle/Plugin.h"
#include "patchbay/core/Core.h"
#include "patchbay/data/Database.h"
#include "patchbay/tm/Tm.h"
#include "patchbay/usrloc/Usrloc.h"
#include "patchbay/witness/Witness.h"

namespace Patchbay::Witness {

/// A user of every interface at which plug-ins meet. For one worker.
class WitnessPlugin : public Bundle::Plugin,
                      public Service,
                      public Core::Claimant,
                      public Tm::Observer,
                      public Tm::Answers,
                      public Usrloc::Observer,
                      public Pipeline::StepObserver {
 public:
  void describe(Bundle::Declaration& declaration) override;
  void configure(Bundle::Host& host) override;
  void bind(Bundle::Host& host) override;
  void furnish(Pipeline::Snapshot& next) override;
  void start() override;
  void stop() noexcept override { _held.clear(); }

  std::vector<std::string> take(std::string_view kind) override;
  bool ask(std::string_view uri, Runtime::Duration timeout) override;
  void remember(const std::string& who, int64_t times) override;
  void recall(const std::string& who) override;
  bool snapshotHeld() const override { return _host->snapshot().get().held(); }

  bool claimRequest(Core::Request& request) override;
  bool claimReply(Core::Request& reply) override;

  void created(Core::Request& request) override;
  void branch(Core::Request& request, std::string_view uri, const Transport::Flow& flow) override;
  void reply(Core::Request& request, Core::Received& reply) override;
  void final(Core::Request& request, int code) override;
  void ended(uint64_t incident) override;

  void answer(int code, Core::Received* reply) override;
  void happened(const Usrloc::Event& event) override;
  void step(const Pipeline::Machine& machine, const Pipeline::Step& step) override;

 private:
  struct Words : Pipeline::Snapshot::Part {
    explicit Words(std::string given) : text(std::move(given)) {}
    std::string text;
  };
  void write(const std::string& kind, std::string line) { _lines.emplace_back(kind, std::move(line)); }
  static const Data::Table& table();

  Bundle::Host* _host = nullptr;
  Core::Service* _core = nullptr;
  Tm::Service* _tm = nullptr;
  Data::Database* _database = nullptr;
  size_t _part = 0;
  std::vector<std::pair<std::string, std::string>> _lines;
  std::map<uint64_t, Pipeline::SnapshotHold> _held;  ///< by incident, as long as the transaction lives
};

}  // namespace Patchbay::Witness
