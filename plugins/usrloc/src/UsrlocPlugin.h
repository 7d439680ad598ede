#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "MemoryTable.h"
#include "patchbay/bundle/Plugin.h"
#include "patchbay/data/Refresh.h"

namespace Patchbay::Usrloc {

/// Owns the location tables and their way to the database.
class PATCHBAY_API UsrlocPlugin final : public Bundle::Plugin, public Service {
 public:
  ~UsrlocPlugin() override;
  void describe(Bundle::Declaration& declaration) override;
  void configure(Bundle::Host& host) override;
  void bind(Bundle::Host& host) override;
  void start() override;
  void stop() noexcept override;

  Table& table(std::string_view name) override;
  Table* find(std::string_view name) override;
  void add(Observer& observer) override { _shared->observers.push_back(&observer); }

 private:
  std::unique_ptr<Store> makeStore(const std::string& table);
  void open(MemoryTable& table);
  void load(MemoryTable& table);
  void loadAgain();
  std::shared_ptr<Journal> openJournal(const std::string& table);
  void stopTables();
  void loaded(const MemoryTable& table);

  Bundle::Host* _host = nullptr;
  Data::Database* _database = nullptr;
  const Transport::Service* _transport = nullptr;
  std::string _defaultDomain;
  std::unique_ptr<Runtime::Files> _ownFiles;
  Runtime::Files* _files = nullptr;
  Journal::Settings _journal;
  Runtime::Counter* _journalFailures = nullptr;
  bool _preload = true, _started = false;
  std::mutex _waitingMutex;
  std::vector<MemoryTable*> _waiting;  ///< their database is away since the start
  std::unique_ptr<Data::Refresh> _again;
  std::atomic<bool> _begun{false};  ///< the start is over
  std::unique_ptr<Shared> _shared;
  std::mutex _tablesMutex;  ///< operators look for tables while a reload makes one
  std::map<std::string, std::unique_ptr<MemoryTable>, std::less<>> _tables;
};

}  // namespace Patchbay::Usrloc
