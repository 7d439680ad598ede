#include "EchoPlugin.h"

#include <cstring>

#include "Words.h"

namespace Patchbay::Echo {

void Line::ended(Pipeline::Machine&, Pipeline::Ending ending) {
  plugin.done(*this, ending);
}

void EchoPlugin::describe(Bundle::Declaration& declaration) {
  declareWords(declaration);
  Pipeline::EntryDeclaration entry;
  entry.name = "line";
  entry.summary = "Each line that is received.";
  entry.mustSettle = true;
  declaration.entries = {entry};
  Pipeline::Parameter most{"longest", Pipeline::Type::bytes, "longer lines are cut", false, "1KiB"};
  most.least = 1;
  most.most = 64 * 1024;
  declaration.settings = {{"listen", Pipeline::Type::text, "address and port", false, "127.0.0.1:0"},
                          most,
                          {"patience", Pipeline::Type::duration, "not used by this service", false, "1s"}};
  declaration.metrics = {{"echo_lines_total", "Lines received."}, {"echo_unanswered_total", "Lines that no rule answered."}};
}

void EchoPlugin::configure(Bundle::Host& host) {
  _host = &host;
  const std::string text = host.settings().text("listen");
  if (const auto endpoint = Runtime::Endpoint::parse(text))
    _listen = *endpoint;
  else
    host.problem("listen", "'" + text + "' is not an address and port");
  _lines = &host.counter("echo_lines_total");
  _unanswered = &host.counter("echo_unanswered_total");
}

void EchoPlugin::start() {
  auto& worker = _host->environment().workers.at(0);
  worker.add(static_cast<Runtime::Flusher&>(*this));
  _registered = true;
}

void EchoPlugin::listen() {
  _socket = _host->environment().network.bind(_listen, false);
  _host->environment().workers.at(0).add(static_cast<Runtime::Poller&>(*this));
  _host->announce("listening on", "line:" + _socket->local().toString());
}

void EchoPlugin::stop() noexcept {
  if (!_registered) return;
  auto& worker = _host->environment().workers.at(0);
  worker.remove(static_cast<Runtime::Flusher&>(*this));
  if (_socket) worker.remove(static_cast<Runtime::Poller&>(*this));
  _registered = false;
}

bool EchoPlugin::poll() {
  const auto batch = _socket->receive();
  for (const auto& datagram : batch) receive(datagram);
  return !batch.empty();
}

void EchoPlugin::receive(const Runtime::Datagram& datagram) {
  _lines->add();
  const auto& snapshot = _host->snapshot().get();
  const auto entry = snapshot.program().entry("line");
  if (!entry) return;
  if (_idle.empty()) {
    _all.push_back(std::make_unique<Line>(*this));
    _idle.push_back(_all.back().get());
  }
  Line& line = *_idle.back();
  _idle.pop_back();
  line.text = datagram.octets.substr(0, static_cast<size_t>(_host->settings().integer("longest")));
  while (!line.text.empty() && (line.text.back() == '\n' || line.text.back() == '\r')) line.text.pop_back();
  line.source = datagram.source;
  line.snapshot = Pipeline::SnapshotHold(snapshot);
  line.machine.start(_host->engine(), snapshot.program(), *entry, line, line);
}

void EchoPlugin::say(const Line& line, std::string_view text) {
  if (!_outbox.hasRoom(text.size() + 1)) flush();
  char* room = _outbox.reserve(text.size() + 1);
  std::memcpy(room, text.data(), text.size());
  room[text.size()] = '\n';
  _outbox.commit(text.size() + 1, line.source);
}

void EchoPlugin::done(Line& line, Pipeline::Ending ending) {
  if (ending != Pipeline::Ending::settled) _unanswered->add();
  line.snapshot.reset();
  _idle.push_back(&line);
}

void EchoPlugin::flush() {
  if (_socket && !_outbox.empty()) _socket->send(_outbox);
}

}  // namespace Patchbay::Echo
