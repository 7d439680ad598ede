#include "patchbay/application/Server.h"

#include "ServerState.h"

namespace Patchbay::Application {

Server::Server(Options options) : _state(std::make_unique<State>(std::move(options))) {}

Server::~Server() {
  stop();
}

size_t Server::workers() const {
  return static_cast<size_t>(_state->configuration->of("server").integer("workers"));
}

void Server::applyLog(bool hasStandardError) const {
  auto settings = _state->configuration->log();
  if (!hasStandardError) settings.target = Log::Target::syslog;
  Log::apply(settings);
}

Bundle::Services& Server::services() {
  return _state->services;
}

bool Server::load(Runtime::Environment& environment) {
  try {
    _state->load(environment);
  } catch (const Poco::Exception& error) {
    _state->problems.error(_state->configuration->location(), error.displayText());
  } catch (const std::exception& error) {
    _state->problems.error(_state->configuration->location(), error.what());
  }
  return !_state->problems.hasErrors();
}

void Server::start() {
  try {
    _state->start();
  } catch (...) {
    stop();
    throw;
  }
}

void Server::stop() noexcept {
  _state->stop();
}

std::vector<Data::TableStatus> Server::tables(Data::Database::Opening opening) {
  auto& database = _state->services.find<Data::Database>();
  database.opening(opening);
  for (auto& loaded : _state->loader.bundles()) {
    try {
      loaded.plugin->start();
    } catch (const Poco::Exception& error) {  // the table that it is about tells it better
      Log::Logger::get("server").warning(error.displayText(), {{"bundle", loaded.manifest.name}});
    }
  }
  auto tables = database.status();
  stop();
  return tables;
}

Server::Reloaded Server::reload(const std::string& who) {
  return _state->reloads.reload(who);
}

const Pipeline::Problems& Server::problems() const {
  return _state->problems;
}

std::vector<std::pair<std::string, std::string>> Server::announcements() const {
  return _state->announcements;
}

std::vector<Bundle::Loaded>& Server::bundles() {
  return _state->loader.bundles();
}

}  // namespace Patchbay::Application
