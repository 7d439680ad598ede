#pragma once

#include <ares.h>

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "patchbay/resolver/Resolver.h"
#include "patchbay/runtime/Worker.h"

namespace Patchbay::Resolver {

/// One c-ares channel on one worker's loop (c-ares 1.18 is not thread-safe). Made before the workers run, ended after them.
class AresChannel : public Runtime::Ticker {
 public:
  struct Settings {
    std::string servers;  ///< comma-separated, as c-ares wants them; empty: the system's
    Runtime::Duration deadline{};
  };
  using Done = std::function<void(NameServer::Answer)>;

  /// Throws Poco::RuntimeException.
  AresChannel(Runtime::Worker& worker, const Settings& settings);
  /// What is under way is answered with failure.
  ~AresChannel() override;
  AresChannel(const AresChannel&) = delete;

  void ask(const std::string& name, NameServer::Type type, Done done);

  std::optional<Runtime::Instant> nextDue() override;
  void tick(Runtime::Instant now) override;

 private:
  struct Socket : Runtime::Watcher {
    Socket(AresChannel& channel, ares_socket_t descriptor) : channel(channel), descriptor(descriptor) {}
    void ready(unsigned events) override;
    AresChannel& channel;
    ares_socket_t descriptor;
  };
  struct Question {
    AresChannel& channel;
    std::string name;
    NameServer::Type type;
    Done done;
    size_t aliases = 0;
  };
  static void send(std::unique_ptr<Question> question);
  void finish(std::unique_ptr<Question> question, NameServer::Answer answer);
  void open(const Settings& settings, size_t servers);
  size_t serverCount() const;
  static void stateChanged(void* self, ares_socket_t descriptor, int readable, int writable);
  static void answered(void* question, int status, int timeouts, unsigned char* octets, int length);

  Runtime::Worker& _worker;
  ares_channel _channel = nullptr;
  size_t _open = 0;
  /// Kept when the descriptor is closed, since that happens while one of them is called.
  std::unordered_map<ares_socket_t, std::unique_ptr<Socket>> _sockets;
};

}  // namespace Patchbay::Resolver
