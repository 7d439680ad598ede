#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <Poco/JSON/Object.h>

#include "patchbay/log/Api.h"
#include "patchbay/pipeline/Declaration.h"

namespace Patchbay::Admin {

/// What a token's bearer may do; each role may do what the ones before it may.
enum class Role : uint8_t { read, operate, administer };
PATCHBAY_API const char* nameOf(Role role);
PATCHBAY_API std::optional<Role> roleOf(std::string_view name);

struct Answer {
  int status = 200;
  Poco::Dynamic::Var body;  ///< JSON
};

/// An answer that says why not: {"error": text}.
PATCHBAY_API Answer refusal(int status, const std::string& text);

/// By parameter. Those that were not given and have no default are not in here. A list is comma-separated.
using Arguments = std::map<std::string, std::string>;
/// The argument, or nothing.
PATCHBAY_API std::optional<std::string> argument(const Arguments& arguments, const std::string& name);

/// What an operator can ask or change, declared once: from it come the HTTP resource, patchctl's verb, the audit line and the
/// documentation.
struct Operation {
  std::string name;  ///< "ul.show": also patchctl's verb, "ul show"
  std::string summary;
  std::string method = "GET";
  std::string path;  ///< "/contacts/{user}" below /api/v1; what stands in braces is a required parameter
  /// In the order in which patchctl takes them as words. A last one of type list takes all words that are left.
  std::vector<Pipeline::Parameter> parameters = {};
  Role role = Role::read;
  bool audited = false;
  uint8_t effects = Pipeline::reads;
  /// Runs on an HTTP thread, never on a worker (see Runtime::ask to reach one); may block for seconds, not for ever. Parameters are checked
  /// against their declarations. Poco::NotFoundException, ExistsException and InvalidArgumentException become 404, 409 and 400 with their
  /// message, any other exception 500.
  std::function<Answer(const Arguments&)> run;
  std::vector<std::string> secrets = {};  ///< parameters that no line shows; patchctl reads them from the terminal or standard input
  std::vector<std::string> files = {};    ///< parameters of which patchctl takes the name of a file and sends its content
  std::vector<std::string> columns = {};  ///< members of the answer in the order in which patchctl shows them; others follow
};

}  // namespace Patchbay::Admin
