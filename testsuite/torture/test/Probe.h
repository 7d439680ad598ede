#pragma once

#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "patchbay/parser/Message.h"

namespace Patchbay::Testsuite {

/// Octets in a heap block of exactly their size, and a message over them that was asked for everything it can tell.
class Probe {
 public:
  explicit Probe(std::string_view octets);
  int status() const { return _status; }
  Parser::Message& message() { return _message; }
  /// Empty, or what differs when the message is written anew and parsed again. For sound ones.
  std::string roundTrip();
  /// A text of all that a message tells, whatever its octets: start line, headers, fields, body.
  static std::string structure(Parser::Message& message);

 private:
  std::unique_ptr<char[]> _octets;
  Parser::Message _message;
  int _status = 0;
};

}  // namespace Patchbay::Testsuite
