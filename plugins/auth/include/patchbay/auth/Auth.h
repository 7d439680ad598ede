#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "patchbay/auth/Credentials.h"
#include "patchbay/core/Request.h"
#include "patchbay/pipeline/Declaration.h"

namespace Patchbay::Auth {

/// Who asks: the registrar or another server (401, Authorization), or a proxy (407, Proxy-Authorization).
enum class Side : uint8_t { www, proxy };

/// What an authorising action tells the challenging one of a request, as flags of the request. Found when an action is bound.
struct PATCHBAY_API Marks {
  uint64_t stale = 0, refused = 0;
  static Marks of(Pipeline::Binding& binding);
};

/// A request's credentials before anybody has looked at a password.
struct PATCHBAY_API Claim {
  enum class State : uint8_t {
    absent,   ///< none for this realm
    broken,   ///< malformed, with another URI, for another domain, or with an algorithm that is not offered
    stale,    ///< right, but the nonce is of no use any more
    refused,  ///< after too many failures
    sound     ///< to be judged by the password
  } state = State::absent;
  Credentials credentials;
  std::string_view user;  ///< of the username, without its domain
  std::string_view realm;
  uint64_t nonce = 0;
  uint32_t issued = 0;
  bool withDomain = false;  ///< the username is "user@realm": HA1B (REQ 35)

  /// The request's octets have moved.
  void rebase(ptrdiff_t by);
};

/// Told of how clients prove themselves, on workers: take note and return.
class PATCHBAY_API Observer {
 public:
  virtual ~Observer() = default;
  virtual void challenged(const Core::Request& request) = 0;
  virtual void failed(const Core::Request& request, std::string_view user, std::string_view realm) = 0;
  virtual void accepted(const Core::Request& request) = 0;
};

/// Everything about digest authentication but where passwords are: bundles that know some (auth_db) verify with it. In this order, on the
/// request's worker: `examine`, then for a sound claim `proves` with an HA1 (a decoy for users whom nobody knows), then `accept` or
/// `reject`.
class PATCHBAY_API Service {
 public:
  virtual ~Service() = default;
  /// Load time.
  virtual void add(Observer& observer) = 0;
  /// The algorithms that are offered, the strongest first.
  virtual std::span<const Algorithm> offered() const = 0;

  /// A sound claim's texts are views into the request.
  virtual Claim examine(Core::Request& request, std::string_view realm, Side side, const Marks& marks) = 0;
  /// In a dry run: takes credentials for this realm at their word, without a look at nonce and response, and changes nothing but the
  /// request's identity. False without credentials.
  virtual bool rehearse(Core::Request& request, std::string_view realm, Side side) const = 0;
  /// Whether the response was made with this HA1. Constant time.
  virtual bool proves(Core::Request& request, const Claim& claim, std::string_view ha1) const = 0;
  /// The response is right: sets the request's identity. False when it is a replay: the request is marked stale, and has no identity.
  virtual bool accept(Core::Request& request, const Claim& claim, const Marks& marks) = 0;
  /// The response is wrong, or the user unknown: counts. Returns how long after its arrival the request is answered at the earliest, so
  /// that time tells nothing of users.
  virtual Runtime::Duration reject(Core::Request& request, const Claim& claim) = 0;
  /// An HA1 that belongs to nobody.
  virtual std::string_view decoy(Algorithm algorithm) const = 0;
};

}  // namespace Patchbay::Auth
