#include "SystemSocket.h"

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

 private:
  DatagramOptions _options;
};

}  // namespace

std::unique_ptr<Network> makeSystemNetwork(const DatagramOptions& options) {
  return std::make_unique<SystemNetwork>(options);
}

}  // namespace Patchbay::Runtime
