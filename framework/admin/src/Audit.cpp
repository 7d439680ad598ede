#include "Audit.h"

#include <algorithm>

#include "patchbay/log/Logger.h"

namespace Patchbay::Admin {

namespace {

Log::Logger& logger() {
  static Log::Logger& one = Log::Logger::get("audit");
  return one;
}

std::string written(const Operation& operation, const Arguments& arguments) {
  std::string out;
  for (const auto& [name, value] : arguments) {
    const bool secret = std::find(operation.secrets.begin(), operation.secrets.end(), name) != operation.secrets.end();
    out += (out.empty() ? "" : " ") + name + "=" + (secret ? "***" : value);
  }
  return out;
}

std::string errorOf(const Answer& answer) {
  if (answer.body.type() == typeid(Poco::JSON::Object)) return answer.body.extract<Poco::JSON::Object>().optValue<std::string>("error", "");
  return {};
}

}  // namespace

bool isAudited(const Operation& operation) {
  return operation.audited || (operation.effects & ~Pipeline::reads) != 0;
}

void audit(const Operation& operation, const Caller& caller, const Arguments& arguments, const Answer& answer) {
  const std::string status = std::to_string(answer.status), given = written(operation, arguments), error = errorOf(answer);
  if (error.empty())
    logger().notice(operation.name, {{"by", caller.token}, {"from", caller.from}, {"status", status}, {"arguments", given}});
  else
    logger().notice(operation.name,
                    {{"by", caller.token}, {"from", caller.from}, {"status", status}, {"arguments", given}, {"error", error}});
}

void auditRefusal(const Caller& caller, const std::string& what, int status) {
  const std::string code = std::to_string(status);
  logger().notice("refused", {{"by", caller.token}, {"from", caller.from}, {"status", code}, {"request", what}});
}

}  // namespace Patchbay::Admin
