#pragma once

#include <memory>

#include "StreamCommon.h"

namespace Patchbay::Transport {

/// One listener's share on one worker: takes connections that wait, and pauses when it may not.
class Acceptor : public Runtime::Watcher, public Timed {
 public:
  Acceptor(StreamHub& hub, std::unique_ptr<Runtime::StreamListener> socket, const Listener& listener);
  ~Acceptor() override;
  Acceptor(const Acceptor&) = delete;

  void ready(unsigned events) override;
  /// The pause is over.
  void due(Runtime::Instant now) override;
  /// Connections from now on are that listener's: the same address with another name.
  void become(const Listener& listener) { _listener = &listener; }
  const Listener& listener() const { return *_listener; }

 private:
  bool takeOne();
  void pause(Refusal why);

  StreamHub& _hub;
  const std::unique_ptr<Runtime::StreamListener> _socket;
  const Listener* _listener;
};

}  // namespace Patchbay::Transport
