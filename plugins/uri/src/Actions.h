#pragma once

#include "UriPlugin.h"

namespace Patchbay::Uris {

enum class Field : uint8_t { from, to };
/// check_from and check_to.
Pipeline::ActionDeclaration checkAction(const UriPlugin& plugin, Field field);
/// does_uri_exist; `ask` is called when it is bound.
Pipeline::ActionDeclaration existsAction(const UriPlugin& plugin, std::function<void()> ask);

}  // namespace Patchbay::Uris
