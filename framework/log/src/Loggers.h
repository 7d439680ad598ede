#pragma once

#include <Poco/Logger.h>

#include <atomic>
#include <map>
#include <mutex>
#include <optional>

#include "Sink.h"

namespace Patchbay::Log {

struct Logger::State {
  explicit State(std::string_view name);
  std::string name;
  Poco::AutoPtr<Poco::Logger> logger;
  /// A copy of POCO's level, which is no atomic.
  std::atomic<int> level;
};

/// All loggers of the process, and the sink that they share.
class Loggers {
 public:
  static Loggers& instance();
  Logger& get(std::string_view name);
  void apply(const Settings& settings);
  bool flush(std::chrono::milliseconds most);
  bool close(std::chrono::milliseconds most);
  Sink& sink() { return *_sink.load(std::memory_order_acquire); }

 private:
  Loggers();
  void replaceSink(const Settings& settings);
  void setLevels(const Settings& settings);

  std::mutex _mutex;
  std::map<std::string, std::unique_ptr<Logger>, std::less<>> _loggers;
  std::optional<Settings> _applied;
  std::atomic<Sink*> _sink;
};

}  // namespace Patchbay::Log
