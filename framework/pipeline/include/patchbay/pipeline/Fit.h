#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "patchbay/pipeline/Declaration.h"

namespace Patchbay::Pipeline {

/// Why a text is no value of the parameter (form, choices, range), with what is allowed; none when it is one. For settings and for
/// operators' arguments: no `${}`.
PATCHBAY_API std::optional<std::string> whyUnfit(const Parameter& parameter, std::string_view text);

}  // namespace Patchbay::Pipeline
