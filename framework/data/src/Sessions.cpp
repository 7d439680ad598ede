#include "Sessions.h"

namespace Patchbay::Data {

std::unique_ptr<SqliteSession> Sessions::take() {
  {
    std::lock_guard<std::mutex> lock(_mutex);
    if (!_idle.empty()) {
      auto session = std::move(_idle.back());
      _idle.pop_back();
      return session;
    }
  }
  return std::make_unique<SqliteSession>(_settings);
}

void Sessions::giveBack(std::unique_ptr<SqliteSession> session) {
  std::lock_guard<std::mutex> lock(_mutex);
  _idle.push_back(std::move(session));
}

Failure Sessions::with(const std::function<void(SqliteSession&)>& work) {
  std::unique_lock<std::mutex> alone(_memoryMutex, std::defer_lock);
  if (_settings.inMemory()) alone.lock();
  std::unique_ptr<SqliteSession> session;
  try {
    session = take();
    work(*session);
    giveBack(std::move(session));
    return {};
  } catch (const Poco::Exception& exception) {
    Failure failure = failureOf(exception, description());
    if (session && _settings.inMemory()) {
      session->forgetStatements();
      giveBack(std::move(session));
    }
    return failure;
  }
}

}  // namespace Patchbay::Data
