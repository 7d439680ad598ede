#pragma once

#include <memory>
#include <string>
#include <vector>

#include "AresChannel.h"

namespace Patchbay::Resolver {

/// The machine's or the configured name servers, through c-ares.
class AresNameServer : public NameServer {
 public:
  AresNameServer();
  ~AresNameServer() override;
  /// Throws Poco::RuntimeException.
  void start(Runtime::Workers& workers, const AresChannel::Settings& settings);
  /// Answers with failure what is under way.
  void stop() noexcept { _channels.clear(); }
  void ask(const std::string& name, Type type, std::function<void(Answer)> done) override;

 private:
  std::vector<std::unique_ptr<AresChannel>> _channels;
};

}  // namespace Patchbay::Resolver
