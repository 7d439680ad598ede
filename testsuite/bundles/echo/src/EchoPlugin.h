#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "Line.h"
#include "patchbay/bundle/Plugin.h"

namespace Patchbay::Echo {

/// Receives datagrams of one line each, runs the pipeline of entry point `line` on each, and sends what the rules say.
class EchoPlugin : public Bundle::Plugin, public Runtime::Poller, public Runtime::Flusher {
 public:
  void describe(Bundle::Declaration& declaration) override;
  void configure(Bundle::Host& host) override;
  void start() override;
  void listen() override;
  void stop() noexcept override;
  bool poll() override;
  int descriptor() const override { return _socket ? _socket->descriptor() : -1; }
  void flush() override;

  void say(const Line& line, std::string_view text);
  void done(Line& line, Pipeline::Ending ending);

 private:
  void receive(const Runtime::Datagram& datagram);
  Bundle::Host* _host = nullptr;
  Runtime::Endpoint _listen;
  std::unique_ptr<Runtime::DatagramSocket> _socket;
  Runtime::Outbox _outbox{64 * 1024};
  std::vector<std::unique_ptr<Line>> _all;
  std::vector<Line*> _idle;
  Runtime::Counter* _lines = nullptr;
  Runtime::Counter* _unanswered = nullptr;
  bool _registered = false;
};

}  // namespace Patchbay::Echo
