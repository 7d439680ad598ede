#include "Transactions.h"

#include <algorithm>
#include <cerrno>
#include <exception>

#include "ClientTransaction.h"
#include "Lookup.h"
#include "ServerTransaction.h"
#include "patchbay/log/Logger.h"

namespace Patchbay::Tm {

Transactions::Transactions() = default;

Transactions::~Transactions() {
  stop();
}

void Transactions::configure(const Timing& timing, const Counters& counters) {
  use(timing);
  _counters = counters;
}

void Transactions::bind(Core::Service& core, Transport::Service& transport, Resolver::Service& resolver) {
  _core = &core;
  _transport = &transport;
  _resolver = &resolver;
}

void Transactions::start(Runtime::Workers& workers, const Runtime::Clock& clock) {
  _desks = std::vector<Desk>(workers.count());
  _open = std::make_unique<OpenBranches>(_core->key(), timing().mostPerTarget);
  for (size_t i = 0; i < workers.count(); ++i) _lost.push_back(std::make_unique<LostPeers>(*this, workers.at(i)));
  auto shards = std::make_unique<Shards>(workers, clock.now(), *this);
  const std::scoped_lock held(_shardsMutex);
  _shards = std::move(shards);
}

void Transactions::stop() noexcept {
  if (!_shards) return;
  _lost.clear();
  std::vector<ServerTransaction*> all;
  for (size_t i = 0; i < Shards::Count; ++i) {
    Shard& shard = _shards->at(i);
    shard.servers.each([&](ServerTransaction& server) { all.push_back(&server); });
    shard.clients.each([&](ClientTransaction& client) { all.push_back(&client.parent); });
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  for (ServerTransaction* transaction : all) delete transaction;
  const std::scoped_lock held(_shardsMutex);
  _shards.reset();
  _desks.clear();
}

std::unique_ptr<Resolver::Waiter> Transactions::Desk::take(const Resolver::Waiter& waiter) {
  const auto found = waiting.extract(&waiter);
  return found ? std::move(found.mapped()) : nullptr;
}

void Transactions::hand(Runtime::Worker& worker) {
  worker.post([problem = std::current_exception()] { std::rethrow_exception(problem); });
}

Key Transactions::keyOf(Core::Request& request) {
  const Desk& offered = desk(*Runtime::Worker::current());
  if (offered.offered == &request) return offered.key;
  return serverKey(_core->key(), request.message, request.message.method()).value_or(Key{});
}

ServerTransaction* Transactions::find(Turn& turn, const Key& key, Core::Request& request) {
  ServerTransaction* found = turn.shard.servers.find(key);
  return found && found->request.get() == &request.origin() ? found : nullptr;
}

bool Transactions::isFull(const Turn& turn) const {
  return turn.shard.servers.size() >= std::max<size_t>(timing().most / Shards::Count, 1);
}

ServerTransaction* Transactions::make(Turn& turn, const Key& key, Core::Request& request) {
  if (turn.shard.servers.find(key)) return nullptr;
  if (isFull(turn)) {
    _counters.refused->add();
    return nullptr;
  }
  if (!_core->hasRoom(request)) return nullptr;
  request.retain();
  auto made = std::make_unique<ServerTransaction>(key, request, _core->replyFlow(request, request.forceRport), turn.worker);
  made->begin(turn);
  request.transaction = this;
  (made->invite ? _counters.invites : _counters.others)->add();
  tell([&](Observer& observer) { observer.created(request); });
  return made.release();  // the table's, which does not own; see Turn::tidy
}

bool Transactions::claimRequest(Core::Request& request) {
  const Parser::Method method = request.message.method();
  const bool cancel = method == Parser::Method::cancel;
  const auto key = serverKey(_core->key(), request.message, cancel ? Parser::Method::invite : method);
  if (!key) return false;
  Desk& own = desk(*Runtime::Worker::current());
  own.offered = cancel ? nullptr : &request;
  own.key = *key;
  if (cancel) return claimCancel(request, *key);
  if (method == Parser::Method::ack) return claimAck(request, *key);
  Turn turn(*this, _shards->of(*key));
  ServerTransaction* transaction = turn.shard.servers.find(*key);
  if (!transaction) return false;
  transaction->copied(turn, request);
  return true;
}

bool Transactions::claimAck(Core::Request&, const Key& key) {
  Turn turn(*this, _shards->of(key));
  ServerTransaction* transaction = turn.shard.servers.find(key);
  if (!transaction || !transaction->acknowledged(turn)) return false;
  turn.tidy(*transaction);
  return true;
}

bool Transactions::claimCancel(Core::Request& request, const Key& inviteKey) {
  const Transport::Flow back = _core->replyFlow(request, request.forceRport);
  Turn turn(*this, _shards->of(inviteKey));
  ServerTransaction* transaction = turn.shard.servers.find(inviteKey);
  if (!transaction || !transaction->invite) return false;
  if (!transaction->comesFrom(request.flow)) {
    _counters.foreignCancels->add();
    return false;  // the rules answer 481, the call lives
  }
  turn.write(request, {.code = 200}, back, nullptr);
  transaction->cancel(turn);
  turn.tidy(*transaction);
  return true;
}

namespace {

/// Whether something is left to send the reply back by when our own Via is taken off.
bool hasViaBelow(Parser::Message& message) {
  const Parser::Header* via = message.first(Parser::HeaderId::via);
  return via && (message.next(*via) || via->value.length > message.topVia()->text.size());
}

}  // namespace

bool Transactions::claimReply(Core::Request& reply) {
  const Parser::Via* via = reply.message.topVia();
  if (!via) return false;
  const auto branch = Branch::parse(via->branch, _core->instanceId());
  if (!branch) return false;
  if (branch->shard >= Shards::Count) {
    _counters.stray->add();
    return true;
  }
  Turn turn(*this, _shards->at(branch->shard));
  receive(turn, branch->key(reply.message.method()), reply);
  return true;
}

void Transactions::receive(Turn& turn, const Key& key, Core::Request& reply) {
  ClientTransaction* client = turn.shard.clients.find(key);
  if (!client) return _counters.stray->add();  // RFC 6026, 7.3: not forwarded
  ServerTransaction& server = client->parent;
  const bool own = server.isOwn();
  if (!client->isOwnCancel() && !own && server.upstream && !hasViaBelow(reply.message)) return _counters.stray->add();
  const bool homebound = server.fork && server.fork->homebound;
  if ((own || homebound || !_observers.empty()) && &server.home != &turn.worker) return handOver(server.home, reply);
  if (server.request && !client->isOwnCancel()) tell([&](Observer& observer) { observer.reply(*server.request, reply); });
  client->receive(turn, reply);
  turn.tidy(server);
}

/// Where somebody looks at replies beside the request, the request's own worker deals with them.
void Transactions::handOver(Runtime::Worker& home, Core::Request& reply) {
  reply.retain();
  home.post([this, held = Core::RequestHold(reply)] { claimReply(*held); });
}

void Transactions::report(Core::Request& subject, Pipeline::Machine& machine) {
  static Log::Logger& log = Log::Logger::get("rules");
  log.error(machine.errorText(), {{"action", machine.errorAction()}, {"call_id", subject.message.callId()}});
}

/// Cheap for a peer that nothing waits for, whoever says that it is lost.
void Transactions::failed(const Transport::Flow& flow, int error) {
  if (!Transport::isReliable(flow.protocol()) && error == ENOBUFS) return;  // passes, and the datagram is sent again
  if (!_open->isEmpty(flow.peer)) _lost[Runtime::Worker::current()->index()]->add(flow);
}

size_t Transactions::fail(const std::vector<Transport::Flow>& flows) {
  size_t seen = 0;
  for (size_t i = 0; i < Shards::Count; ++i) {
    Turn turn(*this, _shards->at(i));
    std::vector<ClientTransaction*> lost;
    turn.shard.clients.each([&](ClientTransaction& client) {
      const bool waits = Transport::isReliable(client.flow.protocol()) || client.state == ClientTransaction::State::calling;
      if (waits && !client.final && std::find(flows.begin(), flows.end(), client.flow) != flows.end()) lost.push_back(&client);
    });
    seen += turn.shard.clients.size();
    for (ClientTransaction* client : lost) {
      ServerTransaction& server = client->parent;
      client->fail(turn, 503);
      turn.tidy(server);
    }
  }
  return seen;
}

void Transactions::expire(Shard& shard, Runtime::Instant now) {
  Turn turn(*this, shard, shard.worker);
  shard.wheel.advance(now, [&](Runtime::Timer& timer) {
    auto& timed = static_cast<Timed&>(timer);
    ServerTransaction& server = timed.isClient ? static_cast<ClientTransaction&>(timed).parent : static_cast<ServerTransaction&>(timed);
    if (timed.isClient)
      static_cast<ClientTransaction&>(timed).fire(turn);
    else
      server.fire(turn);
    turn.tidy(server);
  });
  _shards->refresh(shard);
  _answered.purge(shard.index, now);
}

void Transactions::post(Runtime::Worker& home, size_t shard, const Key& key, Errand errand) {
  home.post([this, shard = static_cast<uint32_t>(shard), errand, key] {
    Turn turn(*this, _shards->at(shard));
    ServerTransaction* transaction = turn.shard.servers.find(key);
    if (!transaction) return;
    transaction->run(turn, errand);
    turn.tidy(*transaction);
  });
}

namespace {

/// In the place of a transaction, for a copy of a request that another worker has made one for meanwhile: answers nobody.
class Absorbed : public Core::RequestTransaction {
 public:
  bool reply(Core::Request&, const Core::Reply&) override { return false; }
  void abandon(Core::Request&) override {}
} absorbed;

}  // namespace

bool Transactions::isAbsorbed(const Core::Request& request) {
  return request.transaction == &absorbed;
}

/// True when another worker has been faster: the request is a copy then.
bool Transactions::absorb(Turn& turn, const Key& key, Core::Request& request) {
  if (request.transaction || !turn.shard.servers.find(key)) return false;
  _counters.absorbed->add();
  request.transaction = &absorbed;
  return true;
}

bool Transactions::adopt(Core::Request& request) {
  if (request.transaction || request.message.method() == Parser::Method::ack) return true;
  const Key key = keyOf(request);
  Turn turn(*this, shardOf(key));
  if (!absorb(turn, key, request)) return make(turn, key, request) != nullptr;
  turn.worker.post([held = Core::RequestHold(request)] { held->machine.cancel(); });  // its wait ends as soon as it has begun
  return true;
}

bool Transactions::newTransaction(Core::Request& request) {
  if (request.message.method() == Parser::Method::ack) return false;
  const Key key = keyOf(request);
  Turn turn(*this, shardOf(key));
  if (absorb(turn, key, request)) return false;
  ServerTransaction* transaction = request.transaction ? find(turn, key, request) : make(turn, key, request);
  return transaction && !std::exchange(transaction->byRules, true);
}

bool Transactions::reply(Core::Request& request, const Core::Reply& reply) {
  const Key key = keyOf(request);
  Turn turn(*this, shardOf(key));
  ServerTransaction* transaction = find(turn, key, request);
  if (!transaction) return false;
  const bool merged = isMerged(turn, *transaction, reply);
  const bool sent = transaction->answer(turn, merged ? Core::Reply{.code = 482, .reason = "Merged Request"} : reply);
  turn.tidy(*transaction);
  return sent;
}

/// The same request has been answered when it came by another path (RFC 3261, 8.2.2.2). A proxy passes both on (16.3).
bool Transactions::isMerged(Turn& turn, const ServerTransaction& transaction, const Core::Reply& reply) {
  if (reply.code < 200 || transaction.relayed || transaction.isFinal() || !transaction.request) return false;
  return _answered.isMerged(_core->key(), transaction.request->message, transaction.key, turn.now, timing().life());
}

void Transactions::abandon(Core::Request& request) {
  const Key key = keyOf(request);
  Turn turn(*this, shardOf(key));
  ServerTransaction* transaction = find(turn, key, request);
  if (!transaction || transaction->relayed || transaction->isFinal()) return;
  transaction->drop(turn);
  turn.tidy(*transaction);
}

size_t Transactions::timers() const {
  const std::scoped_lock held(_shardsMutex);
  size_t armed = 0;
  for (size_t i = 0; _shards && i < Shards::Count; ++i) {
    Shard& shard = _shards->at(i);
    const std::scoped_lock lock(shard.mutex);
    armed += shard.wheel.size();
  }
  return armed;
}

size_t Transactions::transactions() const {
  return _counters.invites->value() + _counters.others->value() + _counters.own->value() - _counters.ended->value();
}

}  // namespace Patchbay::Tm
