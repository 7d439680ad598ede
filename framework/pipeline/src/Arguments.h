#pragma once

#include "Names.h"

namespace Patchbay::Pipeline {

/// An argument as it was written: with a name, or by position.
struct GivenArgument {
  std::string name;  ///< "" by position
  Pieces value;
  std::string where;  ///< begins the texts of problems: "attribute 'code'", "column 17"
};

/// Puts arguments to the parameters they are meant for; every misfit is reported at the call's location.
void takeArguments(CallUse& call, std::vector<GivenArgument> given, Names& names);

/// `text with ${variable} and ${constant}`; `$${` is a plain `${`. What is wrong is reported as of `attribute`.
Pieces interpolated(const std::string& text, const Location& location, const std::string& attribute, Names& names);

}  // namespace Patchbay::Pipeline
