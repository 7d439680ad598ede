#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <Poco/JSON/Object.h>

#include "patchbay/log/Api.h"
#include "patchbay/pipeline/Declaration.h"

namespace Patchbay::Admin {

enum class Role : uint8_t { read, operate, administer };

struct Answer {
  int status = 200;
  Poco::Dynamic::Var body;  ///< JSON
};

/// What an operator can ask or change, declared once: from it come the HTTP resource, patchctl's verb, the audit line and the
/// documentation.
struct Operation {
  std::string name;  ///< "ul.show": also patchctl's verb, "ul show"
  std::string summary;
  std::string method = "GET";
  std::string path;  ///< "/contacts/{user}" below /api/v1
  std::vector<Pipeline::Parameter> parameters = {};
  Role role = Role::read;
  bool audited = false;
  uint8_t effects = Pipeline::reads;
  /// Runs on an HTTP thread, never on a worker; parameters are checked against their declarations.
  std::function<Answer(const std::map<std::string, std::string>&)> run;
};

}  // namespace Patchbay::Admin
