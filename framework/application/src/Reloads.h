#pragma once

#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "patchbay/admin/Operation.h"
#include "patchbay/application/Server.h"
#include "patchbay/runtime/Clock.h"

namespace Patchbay::Application {

/// The configurations that a server has had, and the way to the next one. From any thread but a worker's; one at a time.
class Reloads {
 public:
  static constexpr size_t MostKept = 16;

  explicit Reloads(Server::State& server) : _server(server) {}
  /// The first configuration is in force.
  void began();
  Server::Reloaded reload(const std::string& who);
  /// Only says what `reload` would find.
  Server::Reloaded check();
  /// Back to an earlier one, as its files were then. Throws Poco::NotFoundException.
  Server::Reloaded rollBack(uint64_t number, const std::string& who);
  /// reload, check, history, rollback.
  std::vector<Admin::Operation> operations();

 private:
  struct Entry {
    uint64_t number;
    Runtime::WallTime since;
    std::string who;
    std::string text;
    std::shared_ptr<const ReadConfiguration> read;
  };
  Server::Reloaded apply(std::shared_ptr<const ReadConfiguration> read, const std::string& who, const std::string& text);
  void remember(const std::string& who, const std::string& text);
  Admin::Answer answer(const Server::Reloaded& result) const;
  Admin::Answer history();

  Server::State& _server;
  std::mutex _mutex;
  std::deque<Entry> _history;  ///< the last one is in force
  uint64_t _number = 0;
};

}  // namespace Patchbay::Application
