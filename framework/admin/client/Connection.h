#pragma once

#include <string>

#include <Poco/Dynamic/Var.h>
#include <Poco/JSON/Object.h>

#include "Target.h"

namespace Patchbay::Client {

/// What patchctl ends with.
enum ExitCode { good = 0, refused = 1, wrongUse = 64, unreachable = 69, serverFault = 70, notAllowed = 77 };

/// Ends the command: what is written to standard error, and the exit code.
struct Failure {
  ExitCode code;
  std::string text;
};

struct Response {
  int status = 0;
  std::string text;
  /// Throws Failure when it is no JSON.
  Poco::Dynamic::Var json() const;
};

/// A server's admin endpoint.
class Connection {
 public:
  explicit Connection(Target target) : _target(std::move(target)) {}
  /// `path` with the leading /. Throws Failure when nobody answers.
  Response ask(const std::string& method, const std::string& path, const std::string& body = {}) const;
  /// The same below /api/v1; throws Failure for any answer but 2xx, with what the server says and what to do.
  Response operate(const std::string& method, const std::string& path, const std::string& body = {}) const;
  const Target& target() const { return _target; }

 private:
  [[noreturn]] void fail(const Response& response) const;
  const Target _target;
};

}  // namespace Patchbay::Client
