#pragma once

#include <string_view>

#include "patchbay/parser/Fields.h"
#include "patchbay/parser/Uri.h"

namespace Patchbay::Parser {

// The parsers proper, into memory that is there already. The target must be fresh; when false it holds anything.
bool parseInto(std::string_view text, Uri& uri);
bool parseInto(std::string_view value, Via& via);
bool parseInto(std::string_view value, Address& address);
bool parseInto(std::string_view value, CSeq& cseq);

}  // namespace Patchbay::Parser
