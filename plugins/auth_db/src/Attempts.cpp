#include "Attempts.h"

namespace Patchbay::AuthDb {

using Pipeline::Verdict;

namespace {

/// Longer than anything here takes: it never decides.
constexpr Runtime::Duration Margin = std::chrono::seconds(5);

}  // namespace

Attempts::Attempts(Runtime::Worker& worker, const Means& means) : _worker(worker), _means(means), _wheel(worker.now()) {
  _worker.add(*this);
}

void Attempts::close() {
  _closed = true;
  _worker.remove(*this);
  for (auto& attempt : _all) _wheel.cancel(attempt);
}

Attempts::Attempt& Attempts::take() {
  if (_free.empty()) return _all.emplace_back();
  Attempt& attempt = *_free.back();
  _free.pop_back();
  return attempt;
}

Verdict Attempts::begin(Pipeline::Machine& machine, Core::Request& request, const Question& question) {
  const char* const before = request.message.octets().data();
  request.retain();  // the claim must outlive this turn
  Attempt& attempt = take();
  attempt.request = &request;
  attempt.table = &question.table;
  attempt.marks = question.marks;
  attempt.claim = question.claim;
  attempt.claim.rebase(request.message.octets().data() - before);
  attempt.key = question.key;
  attempt.kept = question.kept;
  attempt.began = _worker.now();
  attempt.ticket = machine.suspend(_means.patience + Margin);
  _wheel.arm(attempt, attempt.began + _means.patience);
  ask(attempt, Stage::users);
  return Verdict::suspended;
}

void Attempts::ask(Attempt& attempt, Stage stage) {
  attempt.stage = stage;
  _means.asked->add();
  const auto& table = stage == Stage::users ? attempt.table->users() : attempt.table->hashes();
  _means.database->query(table, attempt.table->columnsFor(attempt.claim.realm), attempt.table->valuesFor(attempt.claim),
                         [self = shared_from_this(), &attempt, number = attempt.number](Data::Result&& result) {
                           self->answered(attempt, number, std::move(result));
                         });
}

void Attempts::answered(Attempt& attempt, uint32_t number, Data::Result&& result) {
  if (_closed || attempt.number != number || (attempt.stage != Stage::users && attempt.stage != Stage::hashes)) return;
  if (!attempt.ticket.awaited()) return end(attempt, Verdict::no);
  if (result.failure) return withoutDatabase(attempt, result.failure.text);
  const bool fromHashes = attempt.stage == Stage::hashes;
  const auto ha1 = attempt.table->ha1Of(result.rows, attempt.claim, fromHashes);
  const bool elsewhere = !ha1 && !fromHashes && _means.useHashes && attempt.claim.credentials.algorithm != Auth::Algorithm::md5;
  if (elsewhere) return ask(attempt, Stage::hashes);
  if (!ha1 && !result.rows.empty()) _means.unusable->add();
  decide(attempt, ha1);
}

/// The same is computed for those who exist and for those who do not.
void Attempts::decide(Attempt& attempt, const std::optional<Auth::HexDigest>& ha1) {
  auto& auth = *_means.auth;
  const auto secret = ha1 ? ha1->text() : auth.decoy(attempt.claim.credentials.algorithm);
  const bool right = auth.proves(*attempt.request, attempt.claim, secret) && ha1;
  if (ha1)
    _means.cache->put(attempt.key, *ha1, _worker.now());
  else
    _means.cache->remove(attempt.key);
  if (right) return end(attempt, auth.accept(*attempt.request, attempt.claim, attempt.marks) ? Verdict::yes : Verdict::no);
  const auto until = attempt.began + auth.reject(*attempt.request, attempt.claim);
  if (until <= _worker.now()) return end(attempt, Verdict::no);
  attempt.stage = Stage::holding;
  _wheel.arm(attempt, until);
}

/// Whoever was known lately may go on; nobody is refused for a failure of ours.
void Attempts::withoutDatabase(Attempt& attempt, std::string_view why) {
  _means.unanswered->add();
  auto& auth = *_means.auth;
  if (!attempt.kept || !auth.proves(*attempt.request, attempt.claim, attempt.kept->text())) return end(attempt, Verdict::error, why);
  _means.kept->add();
  end(attempt, auth.accept(*attempt.request, attempt.claim, attempt.marks) ? Verdict::yes : Verdict::no);
}

void Attempts::end(Attempt& attempt, Verdict verdict, std::string_view text) {
  _wheel.cancel(attempt);
  Pipeline::Ticket ticket = std::exchange(attempt.ticket, {});
  attempt.stage = Stage::free;
  attempt.request = nullptr;
  attempt.kept.reset();
  ++attempt.number;
  _free.push_back(&attempt);
  ticket.resume(verdict, text);
}

void Attempts::due(Attempt& attempt) {
  if (!attempt.ticket.awaited()) return end(attempt, Verdict::no);
  if (attempt.stage == Stage::holding) return end(attempt, Verdict::no);
  withoutDatabase(attempt, "the database of users does not answer");
}

void Attempts::tick(Runtime::Instant now) {
  _wheel.advance(now, [this](Runtime::Timer& timer) { due(static_cast<Attempt&>(timer)); });
}

}  // namespace Patchbay::AuthDb
