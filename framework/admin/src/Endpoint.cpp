#include "patchbay/admin/Endpoint.h"

#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/NetException.h>
#include <Poco/ThreadPool.h>

#include "Asked.h"
#include "Certificate.h"
#include "Handlers.h"
#include "LimitedSocket.h"

namespace Patchbay::Admin {

namespace {

constexpr int MostClients = 16;
constexpr size_t MostBytes = 2 * MostHeadBytes + MostBodyBytes;  // a head that is too large is answered
constexpr auto MostTime = std::chrono::seconds(10);

Poco::Net::SocketAddress addressOf(const Runtime::Endpoint& endpoint) {
  sockaddr_storage raw{};
  const socklen_t length = endpoint.toSockaddr(raw);
  return Poco::Net::SocketAddress(reinterpret_cast<const sockaddr*>(&raw), static_cast<poco_socklen_t>(length));
}

Poco::Net::HTTPServerParams::Ptr parameters() {
  Poco::Net::HTTPServerParams::Ptr params = new Poco::Net::HTTPServerParams;
  params->setMaxThreads(MostClients);
  params->setMaxQueued(MostClients);
  params->setKeepAlive(false);  // the limits are a connection's
  params->setTimeout(Poco::Timespan(std::chrono::duration_cast<std::chrono::microseconds>(MostTime).count()));
  params->setSoftwareVersion("Patchbay");
  return params;
}

}  // namespace

struct Endpoint::State {
  Settings settings;
  Parts parts;
  LimitedSocket socket{MostBytes, MostTime};
  Poco::ThreadPool threads{"admin", 1, MostClients + 1};  ///< one accepts
  std::unique_ptr<Poco::Net::HTTPServer> server{};
};

Endpoint::Endpoint(const Settings& settings, const Parts& parts) : _state(new State{settings, parts}) {}

Endpoint::~Endpoint() {
  stop();
}

void Endpoint::start() {
  const auto& listen = _state->settings.listen;
  if (_state->settings.certificate)
    _state->socket.use(contextOf(_state->settings.certificate));
  else if (listen.address.scope() != Runtime::Scope::loopback)
    throw Poco::InvalidArgumentException("without a certificate the admin endpoint listens on loopback only (127.0.0.1 or [::1]), not on " +
                                         listen.toString());
  try {
    _state->socket.bind(addressOf(listen), true, false);  // not SO_REUSEPORT: two servers would share the port
    _state->socket.listen();
  } catch (const Poco::Exception& error) {
    throw Poco::IOException("the admin endpoint cannot listen on " + listen.toString() + ": " + error.displayText());
  }
  _state->server = std::make_unique<Poco::Net::HTTPServer>(new Handlers(_state->parts, _state->settings.version), _state->threads,
                                                           _state->socket, parameters());
  _state->server->start();
}

void Endpoint::stop() noexcept {
  if (!_state->server) return;
  try {
    _state->server->stopAll(true);
    _state->threads.joinAll();
  } catch (const Poco::Exception&) {  // nothing is left to do with a server that does not stop
  }
  _state->server.reset();
  _state->socket.close();
}

void Endpoint::renew(const Certificate& certificate) {
  _state->socket.use(contextOf(certificate));
}

std::string Endpoint::url() const {
  Runtime::Endpoint at = local();
  if (at.address.isWildcard()) at.address = *Runtime::IpAddress::parse(at.address.isV6() ? "::1" : "127.0.0.1");
  return (_state->settings.certificate ? "https://" : "http://") + at.toString();
}

Runtime::Endpoint Endpoint::local() const {
  return Runtime::Endpoint::fromSockaddr(_state->socket.address().addr());
}

}  // namespace Patchbay::Admin
