#include "ScenarioRun.h"

#include <future>

#include <Poco/Exception.h>
#include <Poco/Path.h>

#include "DigestAnswer.h"

namespace Patchbay::Testsuite {

using namespace std::chrono_literals;

namespace {

std::string milliseconds(Runtime::Duration time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(time).count()) + "ms";
}

/// Virtual timers fire at the millisecond; a statement's time is that millisecond.
bool sameMillisecond(Runtime::Duration a, Runtime::Duration b) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(a) == std::chrono::duration_cast<std::chrono::milliseconds>(b);
}

}  // namespace

std::string ScenarioRun::play() {
  try {
    World::Settings settings;
    if (!_scenario.configuration.empty()) settings.configuration = besideScenario(_scenario.configuration);
    settings.defines = _scenario.defines;
    settings.bundles = _scenario.bundles;
    settings.names = _scenario.names;
    settings.routes = _scenario.routes;
    for (const auto& statement : _scenario.statements) {
      settings.database |= statement.kind == Statement::Kind::database;
      settings.log |= statement.kind == Statement::Kind::log;
    }
    if (settings.log) _log.emplace();
    _world = std::make_unique<World>(settings);
    for (const auto& [name, peer] : _scenario.peers)
      if (peer.stream)
        _world->environment().network.streams.answers[peer.endpoint] = peer.answer;
      else if (peer.answer == FakeStreams::Answer::refuses)
        _world->environment().network.closed.push_back(peer.endpoint);
    _world->start();
    for (const auto& statement : _scenario.statements) {
      advance(statement.at, statement.line);
      switch (statement.kind) {
        case Statement::Kind::send:
          send(statement);
          break;
        case Statement::Kind::receive:
          receive(statement);
          break;
        case Statement::Kind::metric:
          metric(statement);
          break;
        case Statement::Kind::restart:
          restart(statement);
          break;
        case Statement::Kind::operation:
          operation(statement);
          break;
        case Statement::Kind::database:
          database(statement);
          break;
        case Statement::Kind::log:
          log(statement);
          break;
        default:
          connection(statement);
      }
    }
    finish();
  } catch (const Poco::AssertionViolationException& difference) {
    return difference.message();
  } catch (const Poco::Exception& error) {
    return _scenario.path + ": " + error.displayText();
  }
  return {};
}

std::string ScenarioRun::besideScenario(const std::string& file) const {
  return Poco::Path(Poco::Path(_scenario.path).parent(), file).toString();
}

void ScenarioRun::restart(const Statement& statement) {
  _world->stop();
  if (!statement.configuration.empty()) _world->use(besideScenario(statement.configuration));
  _world->start();
}

void ScenarioRun::fail(int line, const std::string& text) const {
  throw Poco::AssertionViolationException(_scenario.path + ":" + std::to_string(line) + ": " + text);
}

std::string ScenarioRun::nameOf(const Place& place) const {
  for (const auto& [name, peer] : _scenario.peers)
    if (placeOf(peer) == place) return name;
  return (place.first ? "tcp:" : "") + place.second.toString();
}

Runtime::Endpoint ScenarioRun::serverOf(const Statement& statement) const {
  if (statement.server.empty()) return _world->listener(_scenario.peers.at(statement.peer).stream);
  return Runtime::Endpoint::parse(statement.server).value_or(Runtime::Endpoint());
}

void ScenarioRun::collect() {
  for (auto& sent : _world->take()) _inboxes[{sent.packet.stream, sent.packet.to}].push_back(std::move(sent));
}

/// Runs to that time; what comes before it must have been expected before it.
void ScenarioRun::advance(Runtime::Duration at, int line) {
  _world->runUntil(at);
  collect();
  for (const auto& [to, inbox] : _inboxes)
    if (!inbox.empty() && inbox.front().at < at && !sameMillisecond(inbox.front().at, at))
      fail(line, "before this, at " + milliseconds(inbox.front().at) + ", " + nameOf(to) + " got what the scenario does not expect:\n" +
                     inbox.front().packet.octets);
}

void ScenarioRun::send(const Statement& statement) {
  std::string missing;
  const auto octets = compose(withDigests(statement.message, _captures), _captures, missing);
  if (!octets) fail(statement.line, "{" + missing + "} has not been captured yet");
  const auto& peer = _scenario.peers.at(statement.peer);
  if (peer.stream)
    _world->sendByStream(peer.endpoint, serverOf(statement), *octets, peer.chunk);
  else
    _world->send(peer.endpoint, serverOf(statement), *octets, statement.waited);
  collect();
}

void ScenarioRun::receive(const Statement& statement) {
  auto& inbox = _inboxes[placeOf(_scenario.peers.at(statement.peer))];
  if (inbox.empty()) {
    std::string others;
    for (const auto& [to, other] : _inboxes)
      for (const auto& sent : other)
        others += "\n  waiting for " + nameOf(to) + ": " + sent.packet.octets.substr(0, sent.packet.octets.find("\r\n"));
    fail(statement.line, statement.peer + " got nothing" + others);
  }
  const auto sent = std::move(inbox.front());
  inbox.pop_front();
  if (!sameMillisecond(sent.at, statement.at)) fail(statement.line, "this came at " + milliseconds(sent.at));
  if (sent.packet.from != serverOf(statement)) fail(statement.line, "this came from " + sent.packet.from.toString());
  const auto differs = difference(statement.message, sent.packet.octets, _captures);
  if (!differs.empty()) fail(statement.line, differs + "\n  in:\n" + sent.packet.octets);
}

void ScenarioRun::connection(const Statement& statement) {
  const auto& peer = _scenario.peers.at(statement.peer).endpoint;
  auto& connections = _world->connections();
  if (statement.kind == Statement::Kind::closed) {
    if (!connections.isClosed(peer)) fail(statement.line, "the server has not closed the connection of " + statement.peer);
    return;
  }
  statement.kind == Statement::Kind::close ? connections.close(peer) : connections.reset(peer);
  _world->turn();
  collect();
}

void ScenarioRun::metric(const Statement& statement) {
  std::map<std::string, std::string> labels;
  auto name = statement.metric;
  if (const auto open = name.find('{'); open != std::string::npos) {  // name{label=value}
    const auto equals = name.find('=', open);
    labels[name.substr(open + 1, equals - open - 1)] = name.substr(equals + 1, name.size() - equals - 2);
    name.resize(open);
  }
  const auto value = _world->metric(name, labels);
  if (value != statement.value) fail(statement.line, statement.metric + " is " + std::to_string(value));
}

void ScenarioRun::log(const Statement& statement) {
  if (const auto found = _log->count(statement.operation); found != static_cast<size_t>(statement.value))
    fail(statement.line, std::to_string(found) + " lines of the log hold '" + statement.operation + "':\n" + _log->text());
}

void ScenarioRun::database(const Statement& statement) {
  using Mode = VirtualDatabase::Mode;
  _world->database().set(statement.operation == "fails" ? Mode::fails : statement.operation == "silent" ? Mode::silent : Mode::answers);
}

/// On a thread of its own, as the HTTP endpoint does it.
void ScenarioRun::operation(const Statement& statement) {
  const Admin::Operation* found = nullptr;
  for (const auto& bundle : _world->server().bundles())
    for (const auto& operation : bundle.declaration.operations)
      if (operation.name == statement.operation) found = &operation;
  if (!found) fail(statement.line, "no bundle declares the operation '" + statement.operation + "'");
  const auto run = [&] {
    try {
      return found->run(statement.arguments).status;
    } catch (const Poco::NotFoundException&) {
      return 404;
    } catch (const Poco::ExistsException&) {
      return 409;
    } catch (const Poco::InvalidArgumentException&) {
      return 400;
    }
  };
  auto answer = std::async(std::launch::async, run);
  while (answer.wait_for(10ms) != std::future_status::ready) _world->turn();  // it waits for the worker
  const int status = answer.get();
  _world->turn();
  collect();
  if (status != static_cast<int>(statement.value)) fail(statement.line, statement.operation + " answers " + std::to_string(status));
}

void ScenarioRun::finish() {
  const auto last = _scenario.statements.back();
  advance(_scenario.end > 0ns ? _scenario.end : last.at + 70s, last.line);
  for (const auto& [to, inbox] : _inboxes)
    if (!inbox.empty())
      fail(last.line, "at the end " + nameOf(to) + " has what the scenario does not expect:\n" + inbox.front().packet.octets);
  if (const auto left = _world->connections().leftover(); !left.empty())
    fail(last.line, "at the end of a connection there is what is no message:\n" + left);
  for (const auto* gauge : {"tm_transactions", "pipeline_suspended"})
    if (const auto left = _world->metric(gauge); left != 0)
      fail(last.line, "at the end " + std::string(gauge) + " is " + std::to_string(left));
}

}  // namespace Patchbay::Testsuite
