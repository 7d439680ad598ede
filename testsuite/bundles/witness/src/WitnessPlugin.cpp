#include "WitnessPlugin.h"

#include <algorithm>

#include <Poco/Exception.h>

namespace Patchbay::Witness {

using Pipeline::Type;

void WitnessPlugin::describe(Bundle::Declaration& declaration) {
  declaration.settings = {{"words", Type::text, "What its part of the snapshot says.", false, "as furnished"}};
  Admin::Operation show;
  show.name = "witness.show";
  show.summary = "How many lines were written down.";
  show.path = "/witness/{kind}";
  show.parameters = {{"kind", Type::text, "Of which kind.", true}};
  show.run = [this](const std::map<std::string, std::string>& given) {
    Poco::JSON::Object::Ptr body = new Poco::JSON::Object;
    body->set("lines", std::count_if(_lines.begin(), _lines.end(), [&](const auto& line) { return line.first == given.at("kind"); }));
    return Admin::Answer{200, body};
  };
  declaration.operations.push_back(std::move(show));
}

void WitnessPlugin::configure(Bundle::Host& host) {
  _host = &host;
  host.services().provide<Service>(*this);
}

void WitnessPlugin::bind(Bundle::Host& host) {
  _core = &host.services().find<Core::Service>();
  _core->add(*this, 5);
  _core->use(*this);
  _tm = &host.services().find<Tm::Service>();
  _tm->add(*this);
  host.services().find<Usrloc::Service>().add(*this);
  _database = &host.services().find<Data::Database>();
}

void WitnessPlugin::furnish(Pipeline::Snapshot& next) {
  _part = next.add(std::make_unique<Words>(_host->settings().text("words")));
}

const Data::Table& WitnessPlugin::table() {
  static const Data::Table table{
      "witness", 1, {{"who", Data::Column::Type::text, 64}, {"times", Data::Column::Type::integer}}, {"who"}, {}};
  return table;
}

void WitnessPlugin::start() {
  if (const auto failure = _database->open(table())) throw Poco::DataException(failure.text);
}

std::vector<std::string> WitnessPlugin::take(std::string_view kind) {
  std::vector<std::string> taken;
  std::erase_if(_lines, [&](auto& line) {
    if (line.first != kind) return false;
    taken.push_back(std::move(line.second));
    return true;
  });
  return taken;
}

bool WitnessPlugin::ask(std::string_view uri, Runtime::Duration timeout) {
  Tm::Outgoing options;
  options.method = "OPTIONS";
  options.requestUri = uri;
  options.from = "<sip:witness@example.org>";
  options.to = "<sip:asked@example.org>";
  options.lines = "X-Asked-By: witness\r\n";
  options.timeout = timeout;
  return _tm->send(options, *this);
}

void WitnessPlugin::answer(int code, Core::Received* reply) {
  write("answer", std::to_string(code) + (reply ? " " + std::string(reply->message.reason()) : " without a reply"));
}

void WitnessPlugin::remember(const std::string& who, int64_t times) {
  _database->upsert(table(), {who, times},
                    [this, who](const Data::Failure& failure) { write("data", who + (failure ? " not kept" : " kept")); });
}

void WitnessPlugin::recall(const std::string& who) {
  _database->query(table(), {"who"}, {who}, [this](Data::Result&& result) {
    if (result.failure) return write("data", "failed: " + result.failure.text);
    for (const auto& row : result.rows)
      write("data", std::get<std::string>(row.at(0)) + " " + std::to_string(std::get<int64_t>(row.at(1))));
    if (result.rows.empty()) write("data", "nobody");
  });
}

bool WitnessPlugin::claimRequest(Core::Request& request) {
  if (request.message.methodText() != "CLAIM") return false;
  write("claim", "request from " + request.flow.peer.toString());
  _core->answer(request, {.code = 200, .reason = "Claimed", .lines = "X-Claimed-By: witness\r\n"});
  return true;
}

bool WitnessPlugin::claimReply(Core::Request& reply) {
  write("claim", "reply " + std::to_string(reply.message.status()));
  return false;
}

void WitnessPlugin::created(Core::Request& request) {
  const auto& words = static_cast<const Words&>(request.snapshot->part(_part));
  write("tm", "created " + std::string(request.message.methodText()) + " " + words.text);
  _held[request.incident] = Pipeline::SnapshotHold(*request.snapshot.get());
}

void WitnessPlugin::branch(Core::Request&, std::string_view uri, const Transport::Flow& flow) {
  write("tm", "branch " + std::string(uri) + " " + flow.peer.toString());
}

void WitnessPlugin::reply(Core::Request& request, Core::Received& reply) {
  write("tm", "reply " + std::to_string(reply.message.status()) + " to " + std::string(request.message.callId()));
}

void WitnessPlugin::final(Core::Request& request, int code) {
  write("tm", "final " + std::to_string(code) + " to " + std::string(request.message.callId()));
}

void WitnessPlugin::ended(uint64_t incident) {
  write("tm", _held.erase(incident) == 1 ? "ended" : "ended, never created");
}

void WitnessPlugin::happened(const Usrloc::Event& event) {
  const char* kinds[] = {"insert", "update", "remove", "expire"};
  const char* origins[] = {"registrar", "administration", "database", "replication"};
  write("usrloc", std::to_string(event.sequence) + " " + kinds[static_cast<size_t>(event.kind)] + " by " +
                      origins[static_cast<size_t>(event.origin)] + " in " + std::string(event.table) + ": " + std::string(event.aor) + " " +
                      std::string(event.contact.uri));
}

void WitnessPlugin::step(const Pipeline::Machine& machine, const Pipeline::Step& step) {
  const char* verdicts[] = {"no", "yes", "error", "settled", "suspended"};
  write("step", machine.program().rules()[step.rule].name + ": " + step.action + " " + verdicts[static_cast<size_t>(step.verdict)]);
}

}  // namespace Patchbay::Witness
