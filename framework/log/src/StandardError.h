#pragma once

#include <Poco/Channel.h>

namespace Patchbay::Log {

/// Standard error, one write a line, so that lines of several processes do not mix (Poco::ConsoleChannel writes the line end apart).
class StandardError : public Poco::Channel {
 public:
  void log(const Poco::Message& message) override;
};

}  // namespace Patchbay::Log
