#pragma once

#include <string>
#include <vector>

namespace Patchbay::Parser {

struct TortureMessage {
  const char* path;  // below testsuite/torture
  int status;        // of the parser's refusal; 0: accepted
};

/// All messages of RFC 4475 and RFC 5118 with what the parser has to say of each.
const std::vector<TortureMessage>& tortureMessages();
std::string readTorture(const std::string& path);

}  // namespace Patchbay::Parser
