#pragma once

#include "patchbay/parser/Message.h"

namespace Patchbay::Parser {

/// The deep checks of one message, cheapest first.
class Validation {
 public:
  explicit Validation(Message& message) : _message(message) {}
  Fault run();

 private:
  Fault requestUri();
  Fault present() const;
  Fault single() const;
  Fault vias();
  Fault parties();
  Fault sequence();
  Fault callId() const;
  Fault maxForwards();
  Fault contacts() const;
  Fault routes();

  Message& _message;
};

}  // namespace Patchbay::Parser
