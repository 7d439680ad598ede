#pragma once

#include <string>

#include "patchbay/admin/Operation.h"

namespace Patchbay::Admin {

/// Who asks, as far as it is known.
struct Caller {
  std::string token;  ///< its name; "-" without
  std::string from;   ///< address and port
};

/// One line to the logger `audit` for each change, and for each one that was refused: who, from where, what, with which result. Secrets
/// are masked.
void audit(const Operation& operation, const Caller& caller, const Arguments& arguments, const Answer& answer);
/// The same for somebody who may not, or is not known.
void auditRefusal(const Caller& caller, const std::string& what, int status);
bool isAudited(const Operation& operation);

}  // namespace Patchbay::Admin
