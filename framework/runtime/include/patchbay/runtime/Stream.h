#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "patchbay/runtime/Endpoint.h"
#include "patchbay/runtime/Worker.h"

namespace Patchbay::Runtime {

/// What a call that never waits has moved.
struct Transfer {
  enum class State : uint8_t {
    moved,   ///< `octets` of them, at least one
    later,   ///< nothing now: watch for readiness
    ended,   ///< the peer sends no more (receiving only)
    failed,  ///< with `error`, an errno; the stream is of no more use
  };
  State state = State::later;
  size_t octets = 0;
  int error = 0;
};

/// A connected stream, or one that is being connected, that never blocks; closed with this object. Used by one worker.
class PATCHBAY_API Stream {
 public:
  virtual ~Stream() = default;
  virtual const Endpoint& local() const = 0;
  virtual const Endpoint& peer() const = 0;
  virtual Transfer receive(std::span<char> room) = 0;
  virtual Transfer send(std::string_view octets) = 0;
  /// After the first `writable` of a stream that was being connected: 0 when it is, else the errno.
  virtual int connectError() = 0;
  /// We send no more; what was sent still arrives.
  virtual void endSending() = 0;
  /// Tells the watcher on that worker (Worker::Events), as long as it is so; 0: no more. Replaces what was asked before. The watcher is
  /// told of an error as readable and writable.
  virtual void watch(Worker& worker, unsigned events, Watcher& watcher) = 0;
};

/// Waits for connections; closed with this object. Used by one worker.
class PATCHBAY_API StreamListener {
 public:
  virtual ~StreamListener() = default;
  /// The bound address, with the port that the system chose for port 0.
  virtual const Endpoint& local() const = 0;
  /// The next connection; null with `error` 0 when none waits, else with the errno (EMFILE: the connection still waits).
  virtual std::unique_ptr<Stream> accept(int& error) = 0;
  /// Tells the watcher of `readable` when connections wait; see Stream::watch.
  virtual void watch(Worker& worker, unsigned events, Watcher& watcher) = 0;
};

}  // namespace Patchbay::Runtime
