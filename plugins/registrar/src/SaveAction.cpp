#include "SaveAction.h"

#include <ctime>
#include <memory>
#include <string>

#include "SaveDecision.h"

namespace Patchbay::Registrar {

namespace {

using Pipeline::Verdict;

constexpr size_t LinesRoom = 48 * 1024;
constexpr Runtime::Duration CommitDeadline = std::chrono::seconds(2);
constexpr uint64_t ShortestRetry = 30, RetrySpread = 60;  // seconds; spread, so that those refused together do not come back together

/// "Date: Thu, 01 Jan 2026 00:00:00 GMT" and line end; composed once a second. RFC 3261, 20.17.
std::string_view dateLine(Runtime::WallTime now) {
  static thread_local std::time_t second = -1;
  static thread_local char text[64];
  static thread_local size_t length = 0;
  const std::time_t time = std::chrono::system_clock::to_time_t(now);
  if (time != second) {
    static const char* const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char* const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::tm parts{};
    ::gmtime_r(&time, &parts);
    const int written = std::snprintf(text, sizeof text, "Date: %s, %02d %s %04d %02d:%02d:%02d GMT\r\n", days[parts.tm_wday],
                                      parts.tm_mday, months[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
    length = static_cast<size_t>(written);
    second = time;
  }
  return {text, length};
}

}  // namespace

class SaveAction::Pending {
 public:
  static Pending* take() {
    auto& free = ofThread();
    if (free.empty()) return new Pending;
    Pending* pending = free.back().release();
    free.pop_back();
    return pending;
  }
  void giveBack() {
    request.reset();
    ticket = {};
    ofThread().emplace_back(this);
  }
  /// After the commit, on the same worker. The pipeline may have given up meanwhile: its transaction then has its answer, and takes no
  /// second one.
  void committed(bool durable, const Services& services) {
    if (durable) {
      services.core->answer(*request, {.code = 200, .lines = lines});
      ticket.resume(Verdict::settled);
    } else {
      ticket.resume(Verdict::error, "the registration is not in the database yet");
    }
    giveBack();
  }

  Core::RequestHold request;
  Pipeline::Ticket ticket;
  std::string lines;

 private:
  static std::vector<std::unique_ptr<Pending>>& ofThread() {
    static thread_local std::vector<std::unique_ptr<Pending>> free;
    return free;
  }
};

Verdict SaveAction::run(Pipeline::Machine& machine) {
  auto& request = machine.subject<Core::Request>();
  if (request.message.method() != Parser::Method::registration) return machine.fail("save is for REGISTER only");
  if (_table.state() == Usrloc::Table::State::loading) return machine.fail("the location table is loading");
  if (machine.dry()) return Verdict::settled;
  static thread_local std::unique_ptr<Registration> reused;
  if (!reused || !reused->isFor(*_policy, *_services.core)) reused = std::make_unique<Registration>(*_policy, *_services.core);
  Registration& registration = *reused;
  if (const auto refusal = registration.read(request.message, request.flow)) {
    refuse(request, registration, refusal);
    return Verdict::settled;
  }
  return register_(machine, request, registration);
}

void SaveAction::refuse(Core::Request& request, const Registration& registration, const Refusal& refusal) {
  char room[1024];
  Parser::Writer lines(room, sizeof room);
  if (refusal.code == 423) lines.raw("Min-Expires: ").number(_policy->minExpires).raw("\r\n");
  if (refusal.code == 503)
    lines.raw("Retry-After: ").number(ShortestRetry + request.machine.worker().random().next() % RetrySpread).raw("\r\n");
  if (refusal.code == 420) lines.header("Unsupported", registration.unsupported());
  _services.refused->add();
  _services.core->answer(request,
                         {.code = refusal.code, .reason = refusal.reason, .lines = lines.ok() ? lines.written() : std::string_view()});
}

Verdict SaveAction::register_(Pipeline::Machine& machine, Core::Request& request, const Registration& registration) {
  static thread_local std::unique_ptr<char[]> room(new char[LinesRoom]);
  Parser::Writer lines(room.get(), LinesRoom);
  const Runtime::WallTime now = machine.worker().wall();
  const uint16_t listener = request.flow.listener ? request.flow.listener->id : 0;
  SaveDecision decision(*_policy, registration, *_services.removals, listener, now, lines);
  Pending* pending = Pending::take();
  const auto durability = _table.change(registration.aor(), decision, Usrloc::Event::Origin::registrar,
                                        [pending, &services = _services](bool durable) { pending->committed(durable, services); });
  const bool full = durability == Usrloc::Table::Durability::full;
  if (full || decision.refusal()) {
    pending->giveBack();
    refuse(request, registration, full ? Refusal{503, "Location Table Full"} : decision.refusal());
    return Verdict::settled;
  }
  writeRest(registration, now, lines);
  _services.accepted->add();
  if (durability == Usrloc::Table::Durability::done) {
    pending->giveBack();
    if (!lines.ok()) return machine.fail("the list of contacts is too long for a reply");
    _services.core->answer(request, {.code = 200, .lines = lines.written()});
    return Verdict::settled;
  }
  pending->request = Core::RequestHold(request);
  pending->lines.assign(lines.ok() ? lines.written() : std::string_view());
  pending->ticket = machine.suspend(CommitDeadline);
  return Verdict::suspended;
}

void SaveAction::writeRest(const Registration& registration, Runtime::WallTime now, Parser::Writer& lines) const {
  if (!registration.path().empty()) lines.header("Path", registration.path()).raw("Supported: path\r\n");
  lines.raw(dateLine(now));
}

}  // namespace Patchbay::Registrar
