#include "AresNameServer.h"

#include <Poco/Exception.h>

namespace Patchbay::Resolver {

AresNameServer::AresNameServer() {
  const int status = ares_library_init(ARES_LIB_INIT_ALL);
  if (status != ARES_SUCCESS) throw Poco::RuntimeException("cannot set up DNS", ares_strerror(status));
}

AresNameServer::~AresNameServer() {
  stop();
  ares_library_cleanup();
}

void AresNameServer::start(Runtime::Workers& workers, const AresChannel::Settings& settings) {
  for (size_t i = 0; i < workers.count(); ++i) _channels.push_back(std::make_unique<AresChannel>(workers.at(i), settings));
}

void AresNameServer::ask(const std::string& name, Type type, std::function<void(Answer)> done) {
  const size_t slot = Runtime::Worker::slot();
  if (slot == 0 || slot > _channels.size()) return done({});
  _channels[slot - 1]->ask(name, type, std::move(done));
}

}  // namespace Patchbay::Resolver
