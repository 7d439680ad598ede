#include "Authenticator.h"

#include <algorithm>

namespace Patchbay::Auth {

namespace {

using State = Claim::State;
using Parser::HeaderId;

uint32_t secondsOf(Runtime::WallTime time) {
  return static_cast<uint32_t>(std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count());
}

Failures::Who whoOf(const Core::Request& request, const Claim& claim) {
  return {request.flow.peer.address, claim.user, claim.realm};
}

}  // namespace

Marks Marks::of(Pipeline::Binding& binding) {
  const auto stale = binding.flagIndex("auth.stale"), refused = binding.flagIndex("auth.refused");
  if (!stale || !refused) binding.error("too many flags; at most 64 names may be used, and authentication needs two");
  return {uint64_t{1} << stale.value_or(0), uint64_t{1} << refused.value_or(0)};
}

void Claim::rebase(ptrdiff_t by) {
  credentials.rebase(by);
  realm = credentials.realm;
  if (!user.empty()) user = {user.data() + by, user.size()};
}

void Authenticator::configure(const Settings& settings, const Counters& counters) {
  _settings = settings;
  _uriCheck = settings.uriCheck;
  _counters = counters;
}

/// The secret is the servers' in common; what it is used for here is its own.
void Authenticator::use(const Failures::Settings& failures, bool uriCheck) {
  _uriCheck = uriCheck;
  _failures->use(failures);
}

void Authenticator::begin(const Runtime::SipHash::Key& secret, Runtime::Random& random) {
  const auto [first, second] = Runtime::SipHash(secret, Runtime::SipHash::Width::bits128).part("digest nonces").finish128();
  _nonces.emplace(Nonces::Settings{
      {first, second}, static_cast<uint32_t>(random.next() >> 8), _settings.lifetime, _settings.bindSource, _settings.acceptOthers});
  _counts.emplace(_settings.nonces, _settings.lifetime, Runtime::TableHash::Key{random.next(), random.next()});
  _failures.emplace(_settings.failures, Runtime::TableHash::Key{random.next(), random.next()});
  _requestKey = {random.next(), random.next()};
  for (size_t i = 0; i < _decoys.size(); ++i) {
    const uint64_t octets = random.next();
    _decoys[i] = ha1Of(static_cast<Algorithm>(i), "", "", {reinterpret_cast<const char*>(&octets), sizeof octets});
  }
}

bool Authenticator::isOffered(Algorithm algorithm) const {
  return std::find(_settings.algorithms.begin(), _settings.algorithms.end(), algorithm) != _settings.algorithms.end();
}

/// The one header of that realm; others are for other servers (RFC 3261, 22.3). Claims the first sound one.
State Authenticator::find(Core::Request& request, Side side, Claim& claim) const {
  auto& message = request.message;
  State state = State::absent;
  const HeaderId id = side == Side::www ? HeaderId::authorization : HeaderId::proxyAuthorization;
  for (const auto* header = message.first(id); header; header = message.next(*header)) {
    const auto reading = claim.credentials.parse(message.text(header->value));
    if (reading == Credentials::Reading::broken) state = State::broken;
    if (reading != Credentials::Reading::sound || claim.credentials.realm != claim.realm) continue;
    claim.realm = claim.credentials.realm;
    return State::sound;
  }
  return state;
}

/// Proxies on the way may not change it before the server that asks has seen it (RFC 7616, 3.4.6).
bool Authenticator::isForTarget(Core::Request& request, std::string_view uri) const {
  if (!_uriCheck.load(std::memory_order_relaxed) || uri == request.originalUri()) return true;
  const auto* target = request.origin().message.requestUri();
  const auto given = Parser::Uri::parse(uri);
  return target && given && given->equivalent(*target);
}

/// "user", or "user@realm".
bool Authenticator::takeUser(Claim& claim) const {
  const std::string_view name = claim.credentials.username;
  const size_t at = name.rfind('@');
  claim.user = name.substr(0, at);
  claim.withDomain = at != name.npos;
  return !claim.user.empty() && (!claim.withDomain || Parser::equalIgnoringCase(name.substr(at + 1), claim.realm));
}

State Authenticator::judge(Core::Request& request, Claim& claim) const {
  if (!isOffered(claim.credentials.algorithm) || !takeUser(claim) || !isForTarget(request, claim.credentials.uri)) return State::broken;
  return judgeNonce(request, claim);
}

State Authenticator::judgeNonce(Core::Request& request, Claim& claim) const {
  const auto& worker = *Runtime::Worker::current();
  const auto reading = _nonces->read(claim.credentials.nonce, claim.realm, request.flow.peer.address, worker.wall());
  if (reading.state == Nonces::Reading::State::forged) {
    _counters.forged->add();
    return State::broken;
  }
  if (reading.state == Nonces::Reading::State::stale) return State::stale;
  claim.nonce = reading.id;
  claim.issued = reading.issued;
  return State::sound;
}

void Authenticator::count(State state) const {
  if (state == State::broken) _counters.broken->add();
  if (state == State::stale) _counters.stale->add();
  if (state == State::refused) _counters.refused->add();
}

Claim Authenticator::examine(Core::Request& request, std::string_view realm, Side side, const Marks& marks) {
  Claim claim;
  claim.realm = realm;
  auto& flags = request.origin().flags;
  flags &= ~(marks.stale | marks.refused);
  claim.state = find(request, side, claim);
  if (claim.state == State::sound) claim.state = judge(request, claim);
  if (claim.state == State::sound && _failures->refuses(whoOf(request, claim), Runtime::Worker::current()->now()))
    claim.state = State::refused;
  if (claim.state == State::stale) flags |= marks.stale;
  if (claim.state == State::refused) flags |= marks.refused;
  count(claim.state);
  return claim;
}

bool Authenticator::rehearse(Core::Request& request, std::string_view realm, Side side) const {
  Claim claim;
  claim.realm = realm;
  if (find(request, side, claim) != State::sound || !takeUser(claim)) return false;
  request.origin().identity = {claim.user, claim.realm};
  return true;
}

void Authenticator::challenged(const Core::Request& request) const {
  for (auto* observer : _observers) observer->challenged(request);
}

bool Authenticator::proves(Core::Request& request, const Claim& claim, std::string_view ha1) const {
  const auto response = responseOf(claim.credentials, request.message.methodText(), ha1);
  return equalInConstantTime(response.text(), claim.credentials.response);
}

/// What the same request has in common with its copies, and a replay has not.
uint32_t Authenticator::hashOf(Core::Request& request) const {
  auto& message = request.message;
  const auto* from = message.from();
  const auto* cseq = message.cseq();
  Runtime::TableHash hash(_requestKey);
  hash.part(message.callId()).part(from ? from->tag : std::string_view()).add(uint64_t{cseq ? cseq->number : 0});
  return static_cast<uint32_t>(hash.part(message.methodText()).finish64());
}

/// A response without qop has no count: it is good for one request.
bool Authenticator::accept(Core::Request& request, const Claim& claim, const Marks& marks) {
  const auto& worker = *Runtime::Worker::current();
  const uint32_t count = claim.credentials.qop.empty() ? 1 : claim.credentials.count;
  const NonceCounts::Mark mark{claim.nonce, claim.issued, count, hashOf(request)};
  if (_counts->use(mark, secondsOf(worker.wall())) == NonceCounts::Use::replayed) {
    _counters.replayed->add();
    request.origin().flags |= marks.stale;
    return false;
  }
  _failures->succeeded(whoOf(request, claim));
  for (auto* observer : _observers) observer->accepted(request);
  _counters.accepted->add();
  request.origin().identity = {claim.user, claim.realm};
  return true;
}

Runtime::Duration Authenticator::reject(Core::Request& request, const Claim& claim) {
  _counters.failed->add();
  for (auto* observer : _observers) observer->failed(request, claim.user, claim.realm);
  return _failures->add(whoOf(request, claim), Runtime::Worker::current()->now());
}

}  // namespace Patchbay::Auth
