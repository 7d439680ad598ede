#pragma once

#include <string>
#include <vector>

#include "Pattern.h"

namespace Patchbay::Testsuite {

/// Puts what a telephone answers to a challenge in the place of `{digest user=joe password=x nonce=NAME uri=sip:example.org ...}` in a
/// message's lines; NAME is a captured nonce. Further: realm= (example.org), algorithm= (MD5), nc= (00000001), cnonce= (c), qop=no,
/// method= (the first line's), as= (the username that is written, in place of the user's). Computed here, without the server's code.
std::vector<std::string> withDigests(const std::vector<std::string>& lines, const Captures& captures);

}  // namespace Patchbay::Testsuite
