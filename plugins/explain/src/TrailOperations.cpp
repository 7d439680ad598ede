#include "TrailOperations.h"

#include <charconv>
#include <optional>

#include <Poco/DateTimeFormatter.h>
#include <Poco/Exception.h>
#include <Poco/JSON/Array.h>
#include <Poco/Timestamp.h>

namespace Patchbay::Explain {

namespace {

using Admin::Answer;
using Pipeline::Type;
using Poco::JSON::Array;
using Poco::JSON::Object;

std::string hex(uint64_t id) {
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(id));
  return digits;
}

std::optional<uint64_t> idOf(const std::string& text) {
  uint64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id, 16);
  return error == std::errc() && end == text.data() + text.size() && !text.empty() ? std::optional(id) : std::nullopt;
}

std::string timeText(Runtime::WallTime at) {
  const auto since = std::chrono::duration_cast<std::chrono::microseconds>(at.time_since_epoch()).count();
  return Poco::DateTimeFormatter::format(Poco::Timestamp(since), "%Y-%m-%dT%H:%M:%S.%iZ");
}

const char* nameOf(Pipeline::Ending ending) {
  static constexpr const char* names[] = {"settled", "fell off the end of the rules", "stopped", "failed", "cancelled"};
  return names[static_cast<size_t>(ending)];
}

const char* nameOf(Trail::Event::Kind kind) {
  static constexpr const char* names[] = {"sent", "reply"};
  return names[static_cast<size_t>(kind)];
}

bool holds(const Trail& trail, const std::string& user) {
  return trail.from.view().find(user) != std::string_view::npos || trail.to.view().find(user) != std::string_view::npos ||
         trail.uri.view().find(user) != std::string_view::npos;
}

}  // namespace

Object TrailOperations::row(uint64_t id, const Trail& trail) {
  Object out(Poco::JSON_PRESERVE_KEY_ORDER);
  out.set("id", hex(id));
  out.set("at", timeText(trail.at));
  out.set("method", std::string(trail.method));
  if (trail.code != 0) out.set("code", static_cast<int>(trail.code));
  out.set("from", std::string(trail.from));
  out.set("uri", std::string(trail.uri));
  out.set("rule", trail.rules == 0 ? std::string("-") : _recorder.ruleText(trail.generation, trail.taken[trail.rules - 1]));
  out.set("call_id", std::string(trail.callId));
  return out;
}

Object TrailOperations::whole(uint64_t id, const Trail& trail) {
  Object out = row(id, trail);
  out.set("to", std::string(trail.to));
  out.set("source", trail.source.toString());
  out.set("ending", trail.over ? nameOf(trail.ending) : "waits");
  if (!trail.error.view().empty()) out.set("error", std::string(trail.errorAction) + ": " + std::string(trail.error));
  out.set("rules_took_ms", static_cast<int64_t>(trail.took));
  if (trail.code != 0) out.set("answered_after_ms", static_cast<int64_t>(std::max(trail.answered, trail.took)));
  Array rules, events;
  for (size_t i = 0; i < trail.rules; ++i) rules.add(_recorder.ruleText(trail.generation, trail.taken[i]));
  out.set("rules", rules);
  for (size_t i = 0; i < trail.events; ++i) {
    const auto& event = trail.list[i];
    Object one(Poco::JSON_PRESERVE_KEY_ORDER);
    one.set("after_ms", static_cast<int64_t>(event.after));
    one.set("what", nameOf(event.kind));
    if (event.code != 0) one.set("code", static_cast<int>(event.code));
    one.set("text", std::string(event.what));
    one.set("peer", event.peer.toString());
    events.add(one);
  }
  out.set("events", events);
  if (trail.lost != 0) out.set("events_left_out", static_cast<int>(trail.lost));
  return out;
}

Answer TrailOperations::list(const Admin::Arguments& arguments) {
  const auto most = static_cast<size_t>(*Pipeline::parseInteger(arguments.at("limit")));
  const auto callId = Admin::argument(arguments, "call_id"), user = Admin::argument(arguments, "user");
  const bool failed = Pipeline::parseBoolean(arguments.at("failed")).value_or(false);
  Array rows;
  _recorder.trails().each([&](uint64_t id, const Trail& trail) {
    if (callId && trail.callId.view() != std::string_view(*callId).substr(0, 96)) return true;
    if (user && !holds(trail, *user)) return true;
    if (failed && trail.code < 400 && trail.error.view().empty()) return true;
    rows.add(row(id, trail));
    return rows.size() < most;
  });
  return {200, rows};
}

Answer TrailOperations::show(const Admin::Arguments& arguments) {
  const auto id = idOf(arguments.at("id"));
  std::optional<Object> found;
  if (id) _recorder.trails().with(*id, [&](const Trail& trail) { found = whole(*id, trail); });
  if (!found) throw Poco::NotFoundException("there is no trail " + arguments.at("id") + " (any more); 'trails' lists the latest");
  return {200, *found};
}

std::vector<Admin::Operation> TrailOperations::all() {
  const Pipeline::Parameter limit{"limit", Type::integer, "how many of each worker's at most", false, "50", 1, 10000};
  return {{.name = "trails",
           .summary = "The latest requests: what became of each, and the last rule that it took.",
           .path = "/trails",
           .parameters = {{"user", Type::text, "only those with this in From, To or Request-URI"},
                          {"call_id", Type::text, "only those of this Call-ID"},
                          {"failed", Type::boolean, "only those that were refused or failed", false, "no"},
                          limit},
           .run = [this](const Admin::Arguments& arguments) { return list(arguments); },
           .columns = {"id", "at", "method", "code", "from", "uri", "rule", "call_id"}},
          {.name = "trail",
           .summary = "One of them whole: the rules that it took, what was sent, what came back, and when.",
           .path = "/trails/{id}",
           .parameters = {{"id", Type::text, "as 'trails' and the Warning of a refusal have it", true}},
           .run = [this](const Admin::Arguments& arguments) { return show(arguments); },
           .columns = {"id", "at", "method", "code", "ending", "error", "from", "to", "uri", "source", "call_id", "rules", "events",
                       "after_ms", "what", "text", "peer"}}};
}

}  // namespace Patchbay::Explain
