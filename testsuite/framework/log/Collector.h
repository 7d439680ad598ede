#pragma once

#include <Poco/Channel.h>
#include <Poco/Message.h>

#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

/// Keeps what is written to it; while it is held it blocks, as a reader does that does not read.
class Collector : public Poco::Channel {
 public:
  void log(const Poco::Message& message) override {
    std::unique_lock<std::mutex> lock(_mutex);
    _waiting = true;
    _changed.notify_all();
    _changed.wait(lock, [this] { return !_held; });
    _lines.push_back(message.getText());
  }
  void hold(bool held) {
    std::lock_guard<std::mutex> lock(_mutex);
    _held = held;
    _changed.notify_all();
  }
  /// Returns once a line is being written.
  void awaitWriter() {
    std::unique_lock<std::mutex> lock(_mutex);
    _changed.wait(lock, [this] { return _waiting; });
  }
  std::vector<std::string> lines() {
    std::lock_guard<std::mutex> lock(_mutex);
    return _lines;
  }

 private:
  std::mutex _mutex;
  std::condition_variable _changed;
  std::vector<std::string> _lines;
  bool _held = false, _waiting = false;
};
