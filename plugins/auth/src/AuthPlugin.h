#pragma once

#include "ChallengeActions.h"
#include "patchbay/bundle/Plugin.h"

namespace Patchbay::Auth {

/// Digest authentication without passwords: those have auth_db and its like.
class AuthPlugin : public Bundle::Plugin {
 public:
  void describe(Bundle::Declaration& declaration) override;
  void configure(Bundle::Host& host) override;
  void bind(Bundle::Host& host) override;
  void prepare(Bundle::Host& next) override;
  void commit() noexcept override;
  void start() override;

 private:
  std::vector<Algorithm> readAlgorithms(Bundle::Host& host) const;
  Bundle::Host* _host = nullptr;
  Authenticator _authenticator;
  Failures::Settings _nextFailures;  ///< of the reload that is under way
  bool _nextUriCheck = true;
  Means _means;
};

}  // namespace Patchbay::Auth
