#include "Reloads.h"

#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeFormatter.h>
#include <Poco/JSON/Array.h>

#include "Reload.h"
#include "patchbay/runtime/Ask.h"

namespace Patchbay::Application {

namespace {

using Admin::Answer;
using Poco::JSON::Array;
using Poco::JSON::Object;

constexpr auto TurnDeadline = std::chrono::seconds(2);

std::string text(Runtime::WallTime time) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
  return Poco::DateTimeFormatter::format(Poco::Timestamp::fromEpochTime(seconds), Poco::DateTimeFormat::ISO8601_FORMAT);
}

std::vector<std::string> linesOf(const Pipeline::Problems& problems) {
  std::vector<std::string> lines;
  for (const auto& problem : problems.all()) lines.push_back(problem.toString());
  return lines;
}

/// Whether every worker has ended a turn, so that nobody is about to hold a snapshot that was replaced before.
bool allHaveTurned(Runtime::Workers& workers) {
  for (const auto& turned : Runtime::askAll(
           workers, [](Runtime::Worker&) { return true; }, TurnDeadline))
    if (!turned) return false;
  return true;
}

}  // namespace

void Reloads::began() {
  std::lock_guard<std::mutex> lock(_mutex);
  remember("the start", "as it was at the start");
}

void Reloads::remember(const std::string& who, const std::string& what) {
  _history.push_back({++_number, _server.common->environment.clock.wall(), who, what, _server.configuration->source()});
  if (_history.size() > MostKept) _history.pop_front();
}

Server::Reloaded Reloads::reload(const std::string& who) {
  return apply(nullptr, who, "reloaded");
}

Server::Reloaded Reloads::check() {
  std::lock_guard<std::mutex> lock(_mutex);
  Reload next(_server, _server.options);
  const bool good = next.check();
  std::string told = good ? "good: it can be reloaded" : "refused: it cannot be reloaded";
  if (good && !next.newBundles().empty()) told += "; new bundles: " + next.newBundles();
  return {good, told, linesOf(next.problems())};
}

Server::Reloaded Reloads::rollBack(uint64_t number, const std::string& who) {
  std::shared_ptr<const ReadConfiguration> read;
  {
    std::lock_guard<std::mutex> lock(_mutex);
    for (const auto& entry : _history)
      if (entry.number == number) read = entry.read;
  }
  if (!read) throw Poco::NotFoundException("there is no configuration " + std::to_string(number) + " any more; 'history' lists them");
  return apply(read, who, "rolled back to " + std::to_string(number));
}

Server::Reloaded Reloads::apply(std::shared_ptr<const ReadConfiguration> read, const std::string& who, const std::string& what) {
  std::lock_guard<std::mutex> lock(_mutex);
  const auto began = std::chrono::steady_clock::now();
  auto options = _server.options;
  options.read = std::move(read);
  Reload next(_server, options);
  auto& log = Log::Logger::get("server");
  if (!allHaveTurned(_server.common->environment.workers)) return {false, "a worker hangs, so nothing was changed", {}};
  if (!next.check() || !next.apply()) {
    const auto problems = linesOf(next.problems());
    log.error("a reload is refused, the configuration in force stays", {{"by", who}, {"first", problems.empty() ? "" : problems.front()}});
    return {false, "refused: configuration " + std::to_string(_number) + " stays in force, nothing has changed", problems};
  }
  remember(who, what);
  if (allHaveTurned(_server.common->environment.workers)) {
    std::lock_guard<std::mutex> readers(_server.snapshots);
    _server.snapshot.collect();
  }
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began).count();
  std::string told = "configuration " + std::to_string(_number) + " is in force, " + what;
  if (!next.newBundles().empty()) told += "; new bundles: " + next.newBundles();
  log.notice(told, {{"by", who}, {"milliseconds", std::to_string(took)}});
  return {true, told, linesOf(next.problems())};
}

Answer Reloads::answer(const Server::Reloaded& result) const {
  Object body(Poco::JSON_PRESERVE_KEY_ORDER);
  body.set(result.done ? "result" : "error", result.text);
  Array problems;
  for (const auto& problem : result.problems) problems.add(problem);
  if (problems.size() != 0) body.set("problems", problems);
  return {result.done ? 200 : 409, body};
}

Answer Reloads::history() {
  std::lock_guard<std::mutex> lock(_mutex);
  Array rows;
  for (const auto& entry : _history) {
    Object row(Poco::JSON_PRESERVE_KEY_ORDER);
    row.set("number", entry.number);
    row.set("since", text(entry.since));
    row.set("by", entry.who);
    row.set("what", entry.text);
    row.set("in_force", entry.number == _number);
    rows.add(row);
  }
  return {200, rows};
}

std::vector<Admin::Operation> Reloads::operations() {
  const Pipeline::Parameter number{"number", Pipeline::Type::integer, "which one, as 'history' lists them", true, {}, 1};
  std::vector<Admin::Operation> all;
  all.push_back(
      {.name = "check",
       .summary = "Whether the configuration, as it is in its files now, could be reloaded; everything wrong, with file and line.",
       .path = "/configuration/check",
       .run = [this](const Admin::Arguments&) { return answer(check()); },
       .columns = {"result", "error", "problems"}});
  all.push_back({.name = "reload",
                 .summary = "Reads the configuration again, whole or not at all: rules, settings, certificates, new bundles.",
                 .method = "POST",
                 .path = "/configuration/reload",
                 .role = Admin::Role::operate,
                 .audited = true,
                 .effects = Pipeline::changesState,
                 .run = [this](const Admin::Arguments&) { return answer(reload("an operator")); },
                 .columns = {"result", "error", "problems"}});
  all.push_back({.name = "history",
                 .summary = "The configurations that this server has had since its start.",
                 .path = "/configuration/history",
                 .run = [this](const Admin::Arguments&) { return history(); },
                 .columns = {"number", "since", "by", "what", "in_force"}});
  all.push_back({.name = "rollback",
                 .summary = "Goes back to an earlier configuration. Its files are not changed: the next reload reads them as they are.",
                 .method = "POST",
                 .path = "/configuration/rollback",
                 .parameters = {number},
                 .role = Admin::Role::operate,
                 .audited = true,
                 .effects = Pipeline::changesState,
                 .run =
                     [this](const Admin::Arguments& arguments) {
                       return answer(rollBack(static_cast<uint64_t>(*Pipeline::parseInteger(arguments.at("number"))), "an operator"));
                     },
                 .columns = {"result", "error", "problems"}});
  return all;
}

}  // namespace Patchbay::Application
