#include "SystemStream.h"

#include <Poco/Exception.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace Patchbay::Runtime {

namespace {

constexpr int Backlog = 4096;

bool setOption(int descriptor, int level, int name, int value) {
  return setsockopt(descriptor, level, name, &value, sizeof value) == 0;
}

/// A descriptor that is watched by at most one worker, and closed with this object.
class Watched {
 public:
  explicit Watched(int descriptor) : _descriptor(descriptor) {}
  Watched(const Watched&) = delete;
  ~Watched() {
    if (_descriptor < 0) return;
    if (_worker) _worker->unwatch(_descriptor);
    close(_descriptor);
  }
  operator int() const { return _descriptor; }
  bool prepare() const {
    return _descriptor >= 0 && fcntl(_descriptor, F_SETFL, O_NONBLOCK) == 0 && fcntl(_descriptor, F_SETFD, FD_CLOEXEC) == 0;
  }
  void watch(Worker& worker, unsigned events, Watcher& watcher) {
    if (events)
      worker.watch(_descriptor, events, watcher);
    else if (_worker)
      _worker->unwatch(_descriptor);  // an error would be told for ever otherwise
    _worker = events ? &worker : nullptr;
  }

 private:
  const int _descriptor;
  Worker* _worker = nullptr;
};

int newSocket(const IpAddress& address) {
  return socket(address.isV6() ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
}

Endpoint localOf(int descriptor) {
  sockaddr_storage raw{};
  socklen_t length = sizeof raw;
  if (getsockname(descriptor, reinterpret_cast<sockaddr*>(&raw), &length) != 0) return {};
  return Endpoint::fromSockaddr(reinterpret_cast<const sockaddr*>(&raw));
}

class SystemStream : public Stream {
 public:
  SystemStream(int descriptor, const Endpoint& peer) : _descriptor(descriptor), _local(localOf(descriptor)), _peer(peer) {
    setOption(_descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
    setOption(_descriptor, SOL_SOCKET, SO_KEEPALIVE, 1);
  }
  const Endpoint& local() const override { return _local; }
  const Endpoint& peer() const override { return _peer; }

  Transfer receive(std::span<char> room) override {
    ssize_t got = 0;
    do {
      got = recv(_descriptor, room.data(), room.size(), 0);
    } while (got < 0 && errno == EINTR);
    if (got == 0) return {Transfer::State::ended, 0, 0};
    return resultOf(got);
  }
  Transfer send(std::string_view octets) override {
    ssize_t sent = 0;
    do {
      sent = ::send(_descriptor, octets.data(), octets.size(), MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return resultOf(sent);
  }
  int connectError() override {
    int error = 0;
    socklen_t length = sizeof error;
    if (getsockopt(_descriptor, SOL_SOCKET, SO_ERROR, &error, &length) != 0) return errno;
    if (error == 0) _local = localOf(_descriptor);
    return error;
  }
  void endSending() override { shutdown(_descriptor, SHUT_WR); }
  void watch(Worker& worker, unsigned events, Watcher& watcher) override { _descriptor.watch(worker, events, watcher); }

 private:
  static Transfer resultOf(ssize_t moved) {
    if (moved > 0) return {Transfer::State::moved, static_cast<size_t>(moved), 0};
    if (moved == 0 || errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOTCONN) return {};
    return {Transfer::State::failed, 0, errno};
  }
  Watched _descriptor;
  Endpoint _local, _peer;
};

class SystemListener : public StreamListener {
 public:
  SystemListener(const Endpoint& local, bool shared) : _descriptor(newSocket(local.address)) {
    const auto need = [&local](bool done, const char* what) {
      const int error = errno;
      if (!done) throw Poco::IOException(what + local.toString(), std::system_category().message(error), error);
    };
    need(_descriptor.prepare(), "cannot make a socket for ");
    // a restarted server must not wait for its old connections
    need(setOption(_descriptor, SOL_SOCKET, SO_REUSEADDR, 1), "cannot prepare the socket for ");
    if (local.address.isV6()) need(setOption(_descriptor, IPPROTO_IPV6, IPV6_V6ONLY, 1), "cannot make IPv6 only ");
#ifdef SO_REUSEPORT
    if (shared) need(setOption(_descriptor, SOL_SOCKET, SO_REUSEPORT, 1), "cannot share ");
#else
    (void)shared;
#endif
    sockaddr_storage raw{};
    need(bind(_descriptor, reinterpret_cast<const sockaddr*>(&raw), local.toSockaddr(raw)) == 0, "cannot bind ");
    need(::listen(_descriptor, Backlog) == 0, "cannot listen on ");
    _local = localOf(_descriptor);
  }
  const Endpoint& local() const override {
    return _local;
  }

  std::unique_ptr<Stream> accept(int& error) override {
    sockaddr_storage raw{};
    socklen_t length = sizeof raw;
    const int taken = ::accept(_descriptor, reinterpret_cast<sockaddr*>(&raw), &length);
    error = taken < 0 && errno != EAGAIN && errno != EWOULDBLOCK ? errno : 0;
    if (taken < 0) return nullptr;
    if (fcntl(taken, F_SETFL, O_NONBLOCK) == 0 && fcntl(taken, F_SETFD, FD_CLOEXEC) == 0)
      return std::make_unique<SystemStream>(taken, Endpoint::fromSockaddr(reinterpret_cast<const sockaddr*>(&raw)));
    error = errno;
    close(taken);
    return nullptr;
  }
  void watch(Worker& worker, unsigned events, Watcher& watcher) override {
    _descriptor.watch(worker, events, watcher);
  }

 private:
  Watched _descriptor;
  Endpoint _local;
};

bool bindTo(int descriptor, const IpAddress& local) {
  if (!local.valid() || local.isWildcard()) return true;
#ifdef IP_BIND_ADDRESS_NO_PORT
  setOption(descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);  // the port is chosen with the peer known: more of them
#endif
  sockaddr_storage raw{};
  return bind(descriptor, reinterpret_cast<const sockaddr*>(&raw), Endpoint{local, 0}.toSockaddr(raw)) == 0;
}

}  // namespace

std::unique_ptr<StreamListener> makeSystemListener(const Endpoint& local, bool shared) {
  return std::make_unique<SystemListener>(local, shared);
}

std::unique_ptr<Stream> connectSystemStream(const IpAddress& local, const Endpoint& peer, int& error) {
  const int descriptor = newSocket(peer.address);
  error = errno;
  if (descriptor < 0) return nullptr;
  const bool prepared = fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0 && fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0;
  sockaddr_storage raw{};
  const bool begun = prepared && bindTo(descriptor, local) &&
                     (::connect(descriptor, reinterpret_cast<const sockaddr*>(&raw), peer.toSockaddr(raw)) == 0 || errno == EINPROGRESS);
  error = errno;
  if (begun) return std::make_unique<SystemStream>(descriptor, peer);
  close(descriptor);
  return nullptr;
}

}  // namespace Patchbay::Runtime
