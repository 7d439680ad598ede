#pragma once

#include <deque>
#include <memory>
#include <string>

#include "CredentialCache.h"
#include "Subscribers.h"
#include "patchbay/data/Database.h"
#include "patchbay/pipeline/Machine.h"
#include "patchbay/runtime/Counter.h"
#include "patchbay/runtime/SipHash.h"

namespace Patchbay::AuthDb {

/// What all attempts need; constant once started.
struct Means {
  Auth::Service* auth = nullptr;
  Data::Database* database = nullptr;
  CredentialCache* cache = nullptr;
  bool useHashes = true;
  Runtime::Duration patience = std::chrono::seconds(2);
  Runtime::Counter *asked = nullptr, *cached = nullptr, *unanswered = nullptr, *kept = nullptr, *unusable = nullptr;
};

/// Authentications of one worker that wait: for the database, or for the time when a failure may be answered.
class Attempts : public Runtime::Ticker, public std::enable_shared_from_this<Attempts> {
 public:
  Attempts(Runtime::Worker& worker, const Means& means);
  /// What comes from the database afterwards is forgotten.
  void close();

  struct Question {
    const Subscribers& table;
    const Auth::Marks& marks;
    Auth::Claim claim;
    CredentialCache::Key key;
    std::optional<Auth::HexDigest> kept;  ///< from the cache, for when the database cannot be asked
  };
  /// Suspends the machine; it is resumed with yes, no or error.
  Pipeline::Verdict begin(Pipeline::Machine& machine, Core::Request& request, const Question& question);

  std::optional<Runtime::Instant> nextDue() override { return _wheel.nextDue(); }
  void tick(Runtime::Instant now) override;

 private:
  enum class Stage : uint8_t { free, users, hashes, holding };
  struct Attempt : Runtime::Timer {
    Stage stage = Stage::free;
    uint32_t number = 0;  ///< another one each time it is used
    Pipeline::Ticket ticket;
    Core::Request* request = nullptr;
    const Subscribers* table = nullptr;
    Auth::Marks marks;
    Auth::Claim claim;
    CredentialCache::Key key;
    std::optional<Auth::HexDigest> kept;
    Runtime::Instant began;
  };
  Attempt& take();
  void ask(Attempt& attempt, Stage stage);
  void answered(Attempt& attempt, uint32_t number, Data::Result&& result);
  void decide(Attempt& attempt, const std::optional<Auth::HexDigest>& ha1);
  void withoutDatabase(Attempt& attempt, std::string_view why);
  void end(Attempt& attempt, Pipeline::Verdict verdict, std::string_view text = {});
  void due(Attempt& attempt);

  Runtime::Worker& _worker;
  const Means& _means;
  Runtime::TimerWheel _wheel;
  std::deque<Attempt> _all;
  std::vector<Attempt*> _free;
  bool _closed = false;
};

}  // namespace Patchbay::AuthDb
