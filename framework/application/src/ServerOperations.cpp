#include "ServerOperations.h"

#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include <Poco/JSON/Array.h>

#include "patchbay/runtime/Ask.h"

namespace Patchbay::Application {

using Admin::Answer;
using Admin::Arguments;
using Poco::JSON::Array;
using Poco::JSON::Object;

namespace {

constexpr auto AskDeadline = std::chrono::seconds(2);

Object object() {
  return Object(Poco::JSON_PRESERVE_KEY_ORDER);
}

Answer version(Server::State& server) {
  std::lock_guard<std::mutex> lock(server.snapshots);
  Object out = object();
  const auto up = std::chrono::duration_cast<std::chrono::seconds>(server.common->environment.clock.now() - server.began).count();
  out.set("version", Bundle::version());
  out.set("build", Bundle::buildId());
  out.set("process", getpid());
  out.set("uptime_seconds", static_cast<int64_t>(up));
  out.set("configuration", *server.configuration->location().file);
  return {200, out};
}

/// One line of /proc/PID/task/TID/stat: the CPU seconds behind the name in brackets.
double cpuSeconds(const std::filesystem::path& task) {
  std::string line;
  std::getline(std::ifstream(task / "stat"), line);
  std::istringstream rest(line.substr(std::min(line.size(), line.rfind(')') + 1)));
  std::string skipped;
  for (int i = 0; i < 11; ++i) rest >> skipped;
  double user = 0, system = 0;
  rest >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

/// The threads of the process, as the system has them; nothing where there is no /proc.
Answer threads() {
  Array rows;
  std::error_code error;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task", error)) {
    std::string name;
    std::getline(std::ifstream(task.path() / "comm"), name);
    Object row = object();
    row.set("thread", task.path().filename().string());
    row.set("name", name);
    row.set("cpu_seconds", cpuSeconds(task.path()));
    rows.add(row);
  }
  return {200, rows};
}

/// Each worker is asked, so that one which hangs is seen.
Answer workers(Server::State& server) {
  const auto asked = std::chrono::steady_clock::now();
  const auto replies = Runtime::askAll(
      server.common->environment.workers, [asked](Runtime::Worker&) { return std::chrono::steady_clock::now() - asked; }, AskDeadline);
  Array rows;
  for (size_t i = 0; i < replies.size(); ++i) {
    Object row = object();
    row.set("worker", static_cast<int64_t>(i));
    row.set("alive", replies[i].has_value());
    if (replies[i])
      row.set("answered_after_us", static_cast<int64_t>(std::chrono::duration_cast<std::chrono::microseconds>(*replies[i]).count()));
    rows.add(row);
  }
  return {200, rows};
}

Answer statistics(Server::State& server, const Arguments& arguments) {
  Array rows;
  const std::string prefix = Admin::argument(arguments, "prefix").value_or("");
  for (const auto& family : server.common->environment.metrics.read()) {
    if (!family.name.starts_with(prefix)) continue;
    for (const auto& sample : family.samples) {
      Object row = object(), labels = object();
      for (const auto& label : sample.labels) labels.set(label.name, label.value);
      row.set("name", family.name);
      row.set("labels", labels);
      row.set("value", sample.value);
      rows.add(row);
    }
  }
  return {200, rows};
}

Answer bundles(Server::State& server) {
  Array rows;
  std::lock_guard<std::mutex> lock(server.snapshots);
  for (const auto& loaded : server.loader.bundles()) {
    Object row = object();
    row.set("bundle", loaded.manifest.name);
    row.set("version", loaded.manifest.version);
    row.set("summary", loaded.manifest.summary);
    row.set("folder", loaded.manifest.folder);
    rows.add(row);
  }
  return {200, rows};
}

double microseconds(const Pipeline::RuleTime& time) {
  const double all = std::chrono::duration<double, std::micro>(time.spent).count();
  return std::round(1000 * all / static_cast<double>(time.runs)) / 1000;
}

/// A pipeline's own row counts its runs.
Answer rules(Server::State& server, const Arguments& arguments) {
  Array rows;
  std::lock_guard<std::mutex> lock(server.snapshots);
  const auto& program = server.snapshot.get().program();
  const auto only = Admin::argument(arguments, "pipeline");
  for (uint32_t i = 0; i < program.rules().size(); ++i) {
    const auto& rule = program.rules()[i];
    if (only && rule.pipeline != *only) continue;
    Object row = object();
    row.set("pipeline", rule.pipeline);
    row.set("rule", rule.name);
    row.set("hits", program.hits(i));
    const auto time = program.time(i);
    row.set("mean_us", time.runs ? Poco::Dynamic::Var(microseconds(time)) : Poco::Dynamic::Var());
    row.set("timed", time.runs);
    row.set("place", rule.location.toString());
    rows.add(row);
  }
  return {200, rows};
}

}  // namespace

std::vector<Admin::Operation> serverOperations(Server::State& server) {
  const auto text = [](const char* name, const char* summary) { return Pipeline::Parameter{name, Pipeline::Type::text, summary}; };
  std::vector<Admin::Operation> all;
  all.push_back(
      {.name = "version", .summary = "Which program runs, and since when.", .path = "/version", .run = [&server](const Arguments&) {
         return version(server);
       }});
  all.push_back({.name = "ps",
                 .summary = "The threads of the server and the CPU time each has used.",
                 .path = "/threads",
                 .run = [](const Arguments&) { return threads(); },
                 .columns = {"thread", "name", "cpu_seconds"}});
  all.push_back({.name = "workers",
                 .summary = "Whether each worker answers, and after how long.",
                 .path = "/workers",
                 .run = [&server](const Arguments&) { return workers(server); },
                 .columns = {"worker", "alive", "answered_after_us"}});
  all.push_back({.name = "statistics",
                 .summary = "All counters and gauges.",
                 .path = "/statistics",
                 .parameters = {text("prefix", "only those whose name begins so, such as tm_")},
                 .run = [&server](const Arguments& arguments) { return statistics(server, arguments); },
                 .columns = {"name", "labels", "value"}});
  all.push_back({.name = "bundles",
                 .summary = "The loaded bundles.",
                 .path = "/bundles",
                 .run = [&server](const Arguments&) { return bundles(server); },
                 .columns = {"bundle", "version", "summary", "folder"}});
  all.push_back(
      {.name = "rules",
       .summary =
           "The pipelines that run, how often each rule's condition held, and how long a rule's conditions and actions take on the "
           "worker (mean_us: microseconds, mean of the timed ones among the runs that came to it; one run of 127 is timed, waiting is "
           "not counted; of a pipeline: all its rules together).",
       .path = "/rules",
       .parameters = {text("pipeline", "only this one")},
       .run = [&server](const Arguments& arguments) { return rules(server, arguments); },
       .columns = {"pipeline", "rule", "hits", "mean_us", "timed", "place"}});
  return all;
}

}  // namespace Patchbay::Application
