#pragma once

#include <Poco/Channel.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "Lines.h"

namespace Patchbay::Log {

/// The channel of all loggers: lays a line out, and writes it from a thread of its own, so that a slow reader delays nobody. What does not
/// fit in the queue is dropped and counted, and a line tells so when there is room again. Without its thread (before settings are applied,
/// and after stop) it writes at once.
class PATCHBAY_API Sink : public Poco::Channel {
 public:
  static constexpr size_t MostQueued = 8192;

  Sink(Poco::Channel::Ptr target, Layout layout, bool dated);

  void start();
  /// Writes what is queued, at most that long. False when lines were left: the thread hangs in its write and is left behind, what comes
  /// later is dropped.
  bool stop(std::chrono::milliseconds most);
  /// Waits until everything queued is written, at most that long.
  bool flush(std::chrono::milliseconds most);

  void log(const Poco::Message& message) override { write(message, {}); }
  void write(const Poco::Message& message, std::span<const Field> fields);
  static uint64_t dropped() { return _droppedEver.load(std::memory_order_relaxed); }

 private:
  struct Line {
    Poco::Message::Priority priority;
    std::string text;
  };
  ~Sink() override;
  void enqueue(Line line);
  void run();
  void put(const Line& line);
  void putDrops(uint64_t count);

  Poco::Channel::Ptr _target;
  const Layout _layout;
  const bool _dated;
  std::mutex _mutex;
  std::condition_variable _arrived, _drained;
  std::vector<Line> _queue;
  uint64_t _dropped = 0;  // since the last line about it
  bool _running = false, _writing = false, _abandoned = false;
  std::thread _thread;
  static inline std::atomic<uint64_t> _droppedEver{0};
};

}  // namespace Patchbay::Log
