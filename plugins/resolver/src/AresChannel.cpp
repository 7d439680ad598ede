#include "AresChannel.h"

#include <sys/time.h>

#include <algorithm>
#include <exception>

#include <Poco/Exception.h>

#include "DnsAnswer.h"

namespace Patchbay::Resolver {

namespace {

constexpr int InternetClass = 1;  // RFC 1035, 3.2.4
constexpr int Tries = 3;

NameServer::Failure failureOf(int status) {
  switch (status) {
    case ARES_ETIMEOUT:
    case ARES_ECANCELLED:
    case ARES_EDESTRUCTION:
      return NameServer::Failure::timeout;
    case ARES_EBADRESP:
      return NameServer::Failure::malformed;
    default:  // for c-ares nobody there and nobody who can answer are the same
      return NameServer::Failure::server;
  }
}

/// What c-ares took for an answer is read by ourselves: its own readers drop what we need (the time to live of SRV, the zone's word on
/// what is not there).
DnsAnswer readAnswer(int status, const unsigned char* octets, int length, const std::string& name, NameServer::Type type) {
  const bool answered = status == ARES_SUCCESS || status == ARES_ENODATA || status == ARES_ENOTFOUND;
  if (answered && octets && length > 0)
    return DnsAnswer::read({reinterpret_cast<const char*>(octets), static_cast<size_t>(length)}, name, type);
  DnsAnswer result;
  result.answer.outcome = status == ARES_EBADNAME ? Outcome::notFound : Outcome::failed;
  if (result.answer.outcome == Outcome::failed) result.answer.failure = failureOf(status);
  return result;
}

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

/// c-ares waits `timeout` for each server in the first round, then twice and four times that: seven times in all, which is to be our
/// deadline.
void AresChannel::open(const Settings& settings, size_t servers) {
  const auto deadline = std::chrono::duration_cast<std::chrono::milliseconds>(settings.deadline).count();
  ares_options options{};
  options.timeout = std::max(50, static_cast<int>(deadline / static_cast<int64_t>(7 * servers)));
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

void AresChannel::ask(const std::string& name, NameServer::Type type, Done done) {
  ++_open;
  send(std::unique_ptr<Question>(new Question{*this, name, type, std::move(done)}));
}

void AresChannel::send(std::unique_ptr<Question> question) {
  Question& asked = *question;
  ares_query(asked.channel._channel, asked.name.c_str(), InternetClass, static_cast<int>(asked.type), answered, question.release());
}

void AresChannel::answered(void* question, int status, int, unsigned char* octets, int length) {
  std::unique_ptr<Question> owned(static_cast<Question*>(question));
  auto read = readAnswer(status, octets, length, owned->name, owned->type);
  owned->aliases += read.aliases;
  if (read.alias.empty()) return owned->channel.finish(std::move(owned), std::move(read.answer));
  if (owned->aliases <= DnsAnswer::MostAliases) {
    owned->name = std::move(read.alias);
    return send(std::move(owned));
  }
  owned->channel.finish(std::move(owned), {.failure = NameServer::Failure::malformed});
}

void AresChannel::finish(std::unique_ptr<Question> question, NameServer::Answer answer) {
  --_open;
  try {
    question->done(std::move(answer));
  } catch (...) {
    // c-ares, which calls us, knows no exceptions: it would keep the question and answer it again. The worker logs it
    _worker.post([problem = std::current_exception()] { std::rethrow_exception(problem); });
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
