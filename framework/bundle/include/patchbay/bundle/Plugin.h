#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/admin/Health.h"
#include "patchbay/admin/Operation.h"
#include "patchbay/bundle/Services.h"
#include "patchbay/log/Logger.h"
#include "patchbay/pipeline/Declaration.h"
#include "patchbay/pipeline/Program.h"
#include "patchbay/pipeline/Snapshot.h"
#include "patchbay/runtime/Environment.h"

namespace Patchbay::Bundle {

struct MetricDeclaration {
  std::string name;
  std::string help;
  Runtime::Metrics::Kind kind = Runtime::Metrics::Kind::counter;
};

/// Everything a plug-in adds to the server, said once. From it come checks, reference manual, XML schema, metric names.
struct Declaration {
  std::vector<Pipeline::ActionDeclaration> actions;
  std::vector<Pipeline::VariableDeclaration> variables;
  std::vector<Pipeline::MembershipDeclaration> memberships;
  std::vector<Pipeline::EntryDeclaration> entries;
  /// Of the configuration's element with the bundle's name: `<registrar max_contacts="10"/>`.
  std::vector<Pipeline::Parameter> settings;
  std::vector<MetricDeclaration> metrics;
  std::vector<Admin::Operation> operations;
  /// Settings that a reload may change while the server runs (see Plugin::prepare); one that would change others is refused.
  std::vector<std::string> live;
};

/// A bundle's settings, checked against their declarations, defaults filled in.
class PATCHBAY_API Settings {
 public:
  virtual ~Settings() = default;
  virtual std::string text(std::string_view name) const = 0;
  virtual int64_t integer(std::string_view name) const = 0;  ///< also octets of sizes
  virtual std::chrono::nanoseconds duration(std::string_view name) const = 0;
  virtual bool boolean(std::string_view name) const = 0;
  virtual std::vector<std::string> list(std::string_view name) const = 0;
  virtual bool given(std::string_view name) const = 0;
  /// Where it was written, or the configuration file when it was not.
  virtual Pipeline::Location location(std::string_view name) const = 0;
};

/// What the framework gives a plug-in. Lives as long as the plug-in.
class PATCHBAY_API Host {
 public:
  virtual ~Host() = default;
  virtual Runtime::Environment& environment() = 0;
  virtual Services& services() = 0;
  virtual const Settings& settings() const = 0;
  /// A setting is wrong in a way that its declaration cannot tell: the start is refused with its file and line.
  virtual void problem(std::string_view setting, std::string text) = 0;
  virtual void warning(std::string_view setting, std::string text) = 0;
  /// A declared metric; throws Poco::NotFoundException for another name.
  virtual Runtime::Counter& counter(std::string_view name, std::vector<Runtime::Label> labels = {}) = 0;
  virtual void gauge(std::string_view name, std::function<double()> read, std::vector<Runtime::Label> labels = {}) = 0;
  virtual Log::Logger& logger() = 0;
  virtual Pipeline::Engine& engine() = 0;
  virtual Pipeline::CurrentSnapshot& snapshot() = 0;
  virtual Admin::Health& health() = 0;
  /// Where secrets and files of the server live; exists, is writable, private.
  virtual const std::string& dataFolder() const = 0;
  /// A file of this bundle's resources: full path.
  virtual std::string resource(std::string_view name) const = 0;
  /// Adds a line to what is printed before "ready": ("listening on", "udp:127.0.0.1:5060").
  virtual void announce(std::string_view what, std::string_view value) = 0;
};

/// A plug-in. The framework calls, on one thread and in this order: describe, configure, bind, furnish (each in dependency order), start,
/// listen (in dependency order), and stop in reverse order. Exceptions from all but stop refuse the start, with the bundle's name before
/// their text.
class PATCHBAY_API Plugin {
 public:
  virtual ~Plugin() = default;
  /// No side effects: also called for documentation and checks. Actions' bind functions may capture `this`.
  virtual void describe(Declaration& declaration) = 0;
  /// Reads its settings, provides its services.
  virtual void configure(Host& host) { (void)host; }
  /// Finds others' services. After it the rules are bound.
  virtual void bind(Host& host) { (void)host; }
  /// Puts its own parts into a snapshot whose rules are bound and that is about to be published. Not called when something is wrong.
  virtual void furnish(Pipeline::Snapshot& next) { (void)next; }
  /// The first step of a reload, while workers run: reads the next settings (those declared as live may differ) and keeps what will be,
  /// without any effect yet; problems go to `next`, which is valid until commit or discard returns. Then the next rules are bound, whose
  /// actions may take what is prepared, and `furnish` is called. Not called on workers; one reload at a time.
  virtual void prepare(Host& next) { (void)next; }
  /// The next rules are published: what was prepared is in force from now on.
  virtual void commit() noexcept {}
  /// Something was wrong, perhaps elsewhere: forgets what was prepared.
  virtual void discard() noexcept {}
  /// Opens data, registers with workers. The workers do not run yet. Not called by --check.
  virtual void start() {}
  /// Binds sockets. Not called by --check.
  virtual void listen() {}
  /// The workers have stopped. Safe after a failed or missing start.
  virtual void stop() noexcept {}
};

/// Changed when a plug-in built for an older one would not work.
constexpr int ApiNumber = 1;

}  // namespace Patchbay::Bundle
