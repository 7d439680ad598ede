#include "Loggers.h"

#include <Poco/SyslogChannel.h>

#include "StandardError.h"

namespace Patchbay::Log {

namespace {

constexpr std::chrono::milliseconds ExitPatience{2000};

int facilityOf(const std::string& name) {
  using Poco::SyslogChannel;
  static const std::map<std::string, int> facilities{
      {"user", SyslogChannel::SYSLOG_USER},     {"mail", SyslogChannel::SYSLOG_MAIL},         {"daemon", SyslogChannel::SYSLOG_DAEMON},
      {"auth", SyslogChannel::SYSLOG_AUTH},     {"authpriv", SyslogChannel::SYSLOG_AUTHPRIV}, {"local0", SyslogChannel::SYSLOG_LOCAL0},
      {"local1", SyslogChannel::SYSLOG_LOCAL1}, {"local2", SyslogChannel::SYSLOG_LOCAL2},     {"local3", SyslogChannel::SYSLOG_LOCAL3},
      {"local4", SyslogChannel::SYSLOG_LOCAL4}, {"local5", SyslogChannel::SYSLOG_LOCAL5},     {"local6", SyslogChannel::SYSLOG_LOCAL6},
      {"local7", SyslogChannel::SYSLOG_LOCAL7}};
  const auto found = facilities.find(name);
  if (found == facilities.end())
    throw Poco::InvalidArgumentException("no syslog facility (user, mail, daemon, auth, authpriv, local0 to local7)", name);
  return found->second;
}

Poco::Channel::Ptr targetOf(const Settings& settings) {
  if (settings.target == Target::standardError) return new StandardError;
  return new Poco::SyslogChannel(settings.ident, Poco::SyslogChannel::SYSLOG_PID, facilityOf(settings.facility));
}

bool sameSink(const Settings& a, const Settings& b) {
  return a.target == b.target && a.layout == b.layout && a.ident == b.ident && a.facility == b.facility;
}

/// Loggers are never destroyed (they are static everywhere), so somebody must write the last lines.
struct AtExit {
  ~AtExit() { Loggers::instance().close(ExitPatience); }
};

}  // namespace

Logger::State::State(std::string_view n) : name(n), logger(&Poco::Logger::get(name), true), level(logger->getLevel()) {}

Loggers::Loggers() : _sink(new Sink(new StandardError, Layout::text, true)) {
  Poco::Logger::root();  // made by the first call; the setters only know loggers that exist
  // a share for the loggers: a bare pointer would give them ours
  Poco::Logger::setChannel("", Poco::AutoPtr<Sink>(&sink(), true));
}

Loggers& Loggers::instance() {
  static Loggers* loggers = new Loggers;
  static AtExit atExit;
  return *loggers;
}

Logger& Loggers::get(std::string_view name) {
  std::lock_guard<std::mutex> lock(_mutex);
  const auto known = _loggers.find(name);
  if (known != _loggers.end()) return *known->second;
  return *_loggers.emplace(name, std::unique_ptr<Logger>(new Logger(name))).first->second;
}

void Loggers::apply(const Settings& settings) {
  std::lock_guard<std::mutex> lock(_mutex);
  if (!_applied || !sameSink(*_applied, settings)) replaceSink(settings);
  setLevels(settings);
  _applied = settings;
}

void Loggers::replaceSink(const Settings& settings) {
  Poco::AutoPtr<Sink> next = new Sink(targetOf(settings), settings.layout, settings.target != Target::syslog);
  next->start();
  Poco::Logger::setChannel("", next);
  Sink* before = _sink.exchange(next.duplicate(), std::memory_order_acq_rel);
  before->stop(ExitPatience);
  before->release();
}

void Loggers::setLevels(const Settings& settings) {
  Poco::Logger::setLevel("", static_cast<int>(settings.level));
  // the map's order puts a parent before its children; a logger made here passes its level on to those that come later
  for (const auto& [name, level] : settings.levels) {
    Poco::Logger::get(name);
    Poco::Logger::setLevel(name, static_cast<int>(level));
  }
  for (const auto& [name, logger] : _loggers) logger->_state->level.store(logger->_state->logger->getLevel(), std::memory_order_relaxed);
}

bool Loggers::flush(std::chrono::milliseconds most) {
  return sink().flush(most);
}
bool Loggers::close(std::chrono::milliseconds most) {
  return sink().stop(most);
}

}  // namespace Patchbay::Log
