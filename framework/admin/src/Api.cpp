#include "Api.h"

#include <Poco/String.h>

#include "Asked.h"
#include "patchbay/log/Logger.h"

namespace Patchbay::Admin {

namespace {

/// What stands behind "Bearer ".
std::string bearerOf(const Poco::Net::HTTPServerRequest& request) {
  const std::string value = request.get("Authorization", "");
  return value.size() > 7 && Poco::icompare(value.substr(0, 7), std::string("Bearer ")) == 0 ? value.substr(7) : std::string();
}

/// A page of another site, in the browser of somebody who is at home here.
bool isForeign(const Poco::Net::HTTPServerRequest& request) {
  const std::string origin = request.get("Origin", "");
  if (origin.empty()) return false;
  const size_t host = origin.find("://");
  return host == std::string::npos || origin.substr(host + 3) != request.get("Host", "");
}

Page unauthorized(const std::string& text) {
  Page page = errorPage(401, text);
  page.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"patchbay\"");
  return page;
}

/// What the operation says, or what became of it.
Answer outcome(const Operation& operation, const Arguments& arguments) {
  try {
    return operation.run(arguments);
  } catch (const Poco::NotFoundException& error) {
    return refusal(404, error.message());
  } catch (const Poco::ExistsException& error) {
    return refusal(409, error.message());
  } catch (const Poco::InvalidArgumentException& error) {
    return refusal(400, error.message());
  } catch (const Poco::Exception& error) {
    return refusal(500, error.displayText());
  } catch (const std::exception& error) {
    return refusal(500, error.what());
  }
}

}  // namespace

std::optional<Page> Api::refusal(const Poco::Net::HTTPServerRequest& request, Role role, Caller& caller) const {
  caller = {"-", request.clientAddress().toString()};
  if (isForeign(request)) return errorPage(403, "requests of other sites' pages (Origin) are refused");
  const std::string secret = bearerOf(request);
  if (secret.empty())
    return unauthorized("a token is needed, as 'Authorization: Bearer TOKEN'; the first one is in the file admin.token of the data folder");
  const auto token = _access.find(secret);
  if (!token) return unauthorized("the token is unknown, removed or expired");
  caller.token = token->name;
  if (token->role >= role) return {};
  return errorPage(403,
                   std::string("this needs the role ") + nameOf(role) + ", and the token '" + token->name + "' has " + nameOf(token->role));
}

Page Api::answer(Poco::Net::HTTPServerRequest& request, const std::string& path) const {
  Caller caller;
  Page page = run(request, path, caller);
  if (page.status == 401 || page.status == 403) auditRefusal(caller, request.getMethod() + " " + Base + path, page.status);
  return page;
}

Page Api::run(Poco::Net::HTTPServerRequest& request, const std::string& path, Caller& caller) const {
  if (auto refused = refusal(request, Role::read, caller)) return *refused;
  const std::string method = request.getMethod() == "HEAD" ? "GET" : request.getMethod();
  if (path == "/openapi.json" && method == "GET") return jsonPage(200, openApi(_operations, _version));
  auto match = _operations.find(method, path);
  if (!match.operation && match.allowed.empty())
    return errorPage(404, "there is no " + path + "; GET " + Base + "/operations lists what there is");
  if (!match.operation) {
    Page page = errorPage(405, method + " is not allowed here, but: " + match.allowed);
    page.headers.emplace_back("Allow", match.allowed);
    return page;
  }
  const Operation& operation = *match.operation;
  if (auto refused = refusal(request, operation.role, caller)) return *refused;
  std::string why;
  if (const int status = readArguments(request, match.arguments, why)) return errorPage(status, why);
  const auto problems = check(operation, match.arguments);
  if (!problems.empty()) return errorPage(400, operation.name + ": " + problems.front(), problems);
  return perform(operation, caller, match.arguments);
}

Page Api::perform(const Operation& operation, const Caller& caller, const Arguments& arguments) {
  const Answer answer = outcome(operation, arguments);
  if (isAudited(operation)) audit(operation, caller, arguments, answer);
  if (answer.status >= 500) Log::Logger::get("admin").warning("an operation failed", {{"operation", operation.name}});
  return jsonPage(answer.status, answer.body);
}

}  // namespace Patchbay::Admin
