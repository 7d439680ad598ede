#include <Poco/Exception.h>

#include <cerrno>

#include "SystemSocket.h"
#include "SystemStream.h"

namespace Patchbay::Runtime {

namespace {

class SystemNetwork : public Network {
 public:
  explicit SystemNetwork(const DatagramOptions& options) : _options(options) {}

  std::unique_ptr<DatagramSocket> bind(const Endpoint& local, bool shared) override {
#ifdef __linux__
    if (_options.batched) return makeBatchedSocket(local, shared, _options);
#endif
    return makePortableSocket(local, shared, _options);
  }
  void use(const DatagramOptions& options) override {
    _options = options;
  }
  std::unique_ptr<StreamListener> listen(const Endpoint& local, bool shared) override {
    return makeSystemListener(local, shared);
  }
  std::unique_ptr<Stream> connect(const IpAddress& local, const Endpoint& peer, int& error) override {
    return connectSystemStream(local, peer, error);
  }

 private:
  DatagramOptions _options;
};

}  // namespace

std::unique_ptr<StreamListener> Network::listen(const Endpoint& local, bool) {
  throw Poco::NotImplementedException("this network has no connections, so no listener on " + local.toString());
}

std::unique_ptr<Stream> Network::connect(const IpAddress&, const Endpoint&, int& error) {
  error = EPROTONOSUPPORT;
  return nullptr;
}

std::unique_ptr<Network> makeSystemNetwork(const DatagramOptions& options) {
  return std::make_unique<SystemNetwork>(options);
}

}  // namespace Patchbay::Runtime
