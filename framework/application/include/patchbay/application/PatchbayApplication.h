#pragma once

#include <memory>
#include <string>
#include <vector>

#include <Poco/Util/ServerApplication.h>

#include "patchbay/application/Server.h"

namespace Patchbay::Application {

class DaemonStart;

/// The program: options, life cycle, signals, daemon. Everything else is the Server's.
/// Exit codes: 0 a clean end, 64 wrong use, 69 could not start (address taken, database unreachable), 78 wrong configuration, 70 a fault of
/// our own.
class PATCHBAY_API PatchbayApplication : public Poco::Util::ServerApplication {
 public:
  PatchbayApplication();
  ~PatchbayApplication() override;
  /// With daemon mode's check before the fork, so that a wrong configuration is told where it was started. The daemon's starter ends when
  /// the daemon is ready.
  int start(int argc, char** argv);

 protected:
  void initialize(Poco::Util::Application& self) override;
  void defineOptions(Poco::Util::OptionSet& options) override;
  void handleOption(const std::string& name, const std::string& value) override;
  int main(const std::vector<std::string>& arguments) override;

 private:
  bool readOptions(int argc, char** argv);
  void checkPidFile() const;
  void endEarly();
  enum class Task { serve, check, database, help, version, describe, index, convert };
  Server::Options serverOptions() const;
  int dispatch();
  int serve();
  int check();
  int database();
  int describe();
  int index();
  int convert() const;
  int help() const;
  void findConfiguration();

  Task _task = Task::serve;
  std::string _configuration, _folder, _pidFile;
  std::unique_ptr<DaemonStart> _daemon;
  Pipeline::Constants _defines;
};

}  // namespace Patchbay::Application
