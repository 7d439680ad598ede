#include "AresChannel.h"

#include <sys/time.h>

#include <algorithm>
#include <exception>

#include <Poco/Exception.h>

#include "AresAnswer.h"

namespace Patchbay::Resolver {

namespace {

constexpr int InternetClass = 1, TypeA = 1, TypeAaaa = 28;  // RFC 1035, 3.2; RFC 3596
constexpr int Tries = 2;

void check(int status) {
  if (status != ARES_SUCCESS) throw Poco::RuntimeException("cannot set up DNS", ares_strerror(status));
}

}  // namespace

AresChannel::AresChannel(Runtime::Worker& worker, const Settings& settings) : _worker(worker) {
  open(settings, 1);
  const size_t servers = serverCount();
  if (servers > 1) {
    ares_destroy(_channel);
    open(settings, servers);
  }
  _worker.add(*this);
}

AresChannel::~AresChannel() {
  ares_destroy(_channel);
  _worker.remove(*this);
}

/// c-ares waits `timeout` for each server in the first round and twice that in the second: three times in all, which is to be our deadline.
void AresChannel::open(const Settings& settings, size_t servers) {
  const auto deadline = std::chrono::duration_cast<std::chrono::milliseconds>(settings.deadline).count();
  ares_options options{};
  options.timeout = std::max(100, static_cast<int>(deadline / static_cast<int64_t>(3 * servers)));
  options.tries = Tries;
  options.sock_state_cb = stateChanged;
  options.sock_state_cb_data = this;
  check(ares_init_options(&_channel, &options, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB));
  if (!settings.servers.empty()) check(ares_set_servers_ports_csv(_channel, settings.servers.c_str()));
}

size_t AresChannel::serverCount() const {
  ares_addr_port_node* list = nullptr;
  if (ares_get_servers_ports(_channel, &list) != ARES_SUCCESS) return 1;
  size_t count = 0;
  for (const auto* at = list; at; at = at->next) ++count;
  ares_free_data(list);
  return std::max<size_t>(count, 1);
}

void AresChannel::ask(const std::string& name, Runtime::IpAddress::Family family, Done done) {
  ++_open;
  const int type = family == Runtime::IpAddress::Family::v6 ? TypeAaaa : TypeA;
  ares_query(_channel, name.c_str(), InternetClass, type, answered, new Question{*this, family, std::move(done)});
}

void AresChannel::answered(void* question, int status, int, unsigned char* octets, int length) {
  const std::unique_ptr<Question> owned(static_cast<Question*>(question));
  --owned->channel._open;
  try {
    owned->done(readAnswer(status, octets, length, owned->family));
  } catch (...) {
    // c-ares, which calls us, knows no exceptions: it would keep the question and answer it again. The worker logs it
    owned->channel._worker.post([problem = std::current_exception()] { std::rethrow_exception(problem); });
  }
}

void AresChannel::stateChanged(void* self, ares_socket_t descriptor, int readable, int writable) {
  auto& channel = *static_cast<AresChannel*>(self);
  if (!readable && !writable) return channel._worker.unwatch(descriptor);
  auto& socket = channel._sockets[descriptor];
  if (!socket) socket = std::make_unique<Socket>(channel, descriptor);
  const unsigned events = (readable ? Runtime::Worker::readable : 0u) | (writable ? Runtime::Worker::writable : 0u);
  channel._worker.watch(descriptor, events, *socket);
}

void AresChannel::Socket::ready(unsigned events) {
  const auto read = (events & Runtime::Worker::readable) ? descriptor : ARES_SOCKET_BAD;
  const auto write = (events & Runtime::Worker::writable) ? descriptor : ARES_SOCKET_BAD;
  ares_process_fd(channel._channel, read, write);
}

std::optional<Runtime::Instant> AresChannel::nextDue() {
  if (_open == 0) return std::nullopt;
  timeval wait{};
  if (!ares_timeout(_channel, nullptr, &wait)) return std::nullopt;
  return _worker.now() + std::chrono::seconds(wait.tv_sec) + std::chrono::microseconds(wait.tv_usec);
}

void AresChannel::tick(Runtime::Instant) {
  ares_process_fd(_channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

}  // namespace Patchbay::Resolver
