#pragma once

#include <array>
#include <atomic>
#include <optional>
#include <vector>

#include "Failures.h"
#include "NonceCounts.h"
#include "Nonces.h"
#include "patchbay/auth/Auth.h"
#include "patchbay/core/Core.h"
#include "patchbay/runtime/Counter.h"

namespace Patchbay::Auth {

/// The mechanism behind Service: nonces, counts, failures.
class Authenticator : public Service {
 public:
  struct Settings {
    std::vector<Algorithm> algorithms;  ///< the strongest first
    bool uriCheck = true;
    std::chrono::seconds lifetime{300};
    bool bindSource = true, acceptOthers = false;
    size_t nonces = 1 << 20;
    Failures::Settings failures;
  };
  struct Counters {
    Runtime::Counter *accepted, *failed, *broken, *stale, *forged, *replayed, *refused;
  };

  void configure(const Settings& settings, const Counters& counters);
  /// From now on, while workers run.
  void use(const Failures::Settings& failures, bool uriCheck);
  /// When the secrets are known.
  void begin(const Runtime::SipHash::Key& secret, Runtime::Random& random);

  void add(Observer& observer) override { _observers.push_back(&observer); }
  std::span<const Algorithm> offered() const override { return _settings.algorithms; }
  Claim examine(Core::Request& request, std::string_view realm, Side side, const Marks& marks) override;
  bool rehearse(Core::Request& request, std::string_view realm, Side side) const override;
  bool proves(Core::Request& request, const Claim& claim, std::string_view ha1) const override;
  bool accept(Core::Request& request, const Claim& claim, const Marks& marks) override;
  Runtime::Duration reject(Core::Request& request, const Claim& claim) override;
  std::string_view decoy(Algorithm algorithm) const override { return _decoys[static_cast<size_t>(algorithm)].text(); }

  void challenged(const Core::Request& request) const;
  const Nonces& nonces() const { return *_nonces; }

 private:
  Claim::State find(Core::Request& request, Side side, Claim& claim) const;
  bool isOffered(Algorithm algorithm) const;
  bool isForTarget(Core::Request& request, std::string_view uri) const;
  bool takeUser(Claim& claim) const;
  Claim::State judge(Core::Request& request, Claim& claim) const;
  Claim::State judgeNonce(Core::Request& request, Claim& claim) const;
  uint32_t hashOf(Core::Request& request) const;
  void count(Claim::State state) const;

  Settings _settings;
  std::atomic<bool> _uriCheck{true};
  Counters _counters{};
  std::vector<Observer*> _observers;
  std::optional<Nonces> _nonces;
  std::optional<NonceCounts> _counts;
  std::optional<Failures> _failures;
  Runtime::TableHash::Key _requestKey{};
  std::array<HexDigest, AlgorithmCount> _decoys;
};

}  // namespace Patchbay::Auth
