#include <unistd.h>

#include <cstdlib>
#include <iomanip>
#include <iostream>
#include <map>
#include <thread>

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include "Commands.h"
#include "patchbay/pipeline/Value.h"

namespace Patchbay::Client {

namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;
using Figures = std::map<std::string, double>;

struct Shown {
  const char* title;
  const char* metric;  ///< its samples are summed
};
constexpr Shown All[] = {{"requests received", "core_requests_total"},
                         {"replies received", "core_replies_received_total"},
                         {"replies made here", "core_replies_sent_total"},
                         {"malformed messages", "core_malformed_total"},
                         {"transactions now", "tm_transactions"},
                         {"transactions begun", "tm_transactions_total"},
                         {"registrations accepted", "registrar_accepted_total"},
                         {"registrations refused", "registrar_refused_total"},
                         {"contacts", "usrloc_contacts"},
                         {"addresses of record", "usrloc_aors"},
                         {"look-ups that found", "registrar_found_total"},
                         {"look-ups that missed", "registrar_missed_total"},
                         {"requests waiting", "pipeline_suspended"},
                         {"errors of rules", "pipeline_errors_total"},
                         {"datagrams received", "transport_received_total"},
                         {"datagrams sent", "transport_sent_total"},
                         {"datagrams dropped", "transport_dropped_total"},
                         {"connections", "transport_connections"},
                         {"queueing, milliseconds", "transport_queueing_seconds"}};

Figures figures(const Connection& connection) {
  Figures sums;
  const auto list = connection.operate("GET", "/statistics").json().extract<Array::Ptr>();
  for (size_t i = 0; i < list->size(); ++i) {
    const auto row = list->getObject(static_cast<unsigned>(i));
    sums[row->getValue<std::string>("name")] += row->getValue<double>("value");
  }
  sums["transport_queueing_seconds"] *= 1000;
  return sums;
}

bool isTotal(const std::string& name) {
  return name.ends_with("_total");
}

void show(const Object& version, const Figures& now, const Figures& before, double seconds, int cycle) {
  std::cout << "Patchbay " << version.getValue<std::string>("version") << ", process " << version.getValue<int>("process") << ", up "
            << version.getValue<int64_t>("uptime_seconds") << " s, cycle " << cycle << "\n\n";
  for (const auto& [title, metric] : All) {
    const auto found = now.find(metric);
    if (found == now.end()) continue;
    std::cout << std::left << std::setw(26) << title << std::right << std::setw(14) << static_cast<int64_t>(found->second);
    const auto last = before.find(metric);
    if (isTotal(metric) && last != before.end() && seconds > 0)
      std::cout << std::setw(12) << static_cast<int64_t>((found->second - last->second) / seconds) << "/s";
    std::cout << '\n';
  }
  std::cout << std::flush;
}

std::chrono::nanoseconds period() {
  const char* given = std::getenv("WATCH_PERIOD");
  if (!given) return std::chrono::seconds(2);
  const std::string text = given;
  if (const auto duration = Pipeline::parseDuration(text)) return *duration;
  if (const auto seconds = Pipeline::parseInteger(text); seconds && *seconds > 0) return std::chrono::seconds(*seconds);
  throw Failure{wrongUse, "WATCH_PERIOD: '" + text + "' is no time such as 2 or 500ms"};
}

}  // namespace

ExitCode moni(const Connection& connection, const std::vector<std::string>& words) {
  const auto most = words.empty() ? std::optional<int64_t>(0) : Pipeline::parseInteger(words.front());
  if (!most || *most < 0 || words.size() > 1) throw Failure{wrongUse, "usage: patchctl moni [COUNT]"};
  const auto pause = period();
  const bool screen = ::isatty(STDOUT_FILENO) != 0;
  Figures before;
  auto since = std::chrono::steady_clock::now();
  for (int cycle = 1;; ++cycle) {
    const auto version = connection.operate("GET", "/version").json().extract<Object::Ptr>();
    const Figures now = figures(connection);
    const auto at = std::chrono::steady_clock::now();
    if (screen) std::cout << "\x1b[H\x1b[2J";
    show(*version, now, before, std::chrono::duration<double>(at - since).count(), cycle);
    if (cycle == *most) return good;
    before = now;
    since = at;
    std::this_thread::sleep_for(pause);
    if (!screen) std::cout << '\n';
  }
}

}  // namespace Patchbay::Client
