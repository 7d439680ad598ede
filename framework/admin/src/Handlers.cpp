#include "Handlers.h"

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>

namespace Patchbay::Admin {

using Poco::Net::HTTPResponse;

namespace {

struct Page {
  HTTPResponse::HTTPStatus status;
  std::string body;
  const char* type = "text/plain; charset=utf-8";
};

const char* nameOf(Health::State state) {
  switch (state) {
    case Health::State::loading:
      return "loading";
    case Health::State::ready:
      return "ready";
    default:
      return "degraded";
  }
}

Page readiness(const Health& health) {
  const bool ready = health.ready();
  std::string body = ready ? "ready\n" : "not ready\n";
  for (const auto& [part, entry] : health.entries())
    body += part + ": " + nameOf(entry.state) + (entry.text.empty() ? "" : ", " + entry.text) + '\n';
  return {ready ? HTTPResponse::HTTP_OK : HTTPResponse::HTTP_SERVICE_UNAVAILABLE, std::move(body)};
}

class Handler : public Poco::Net::HTTPRequestHandler {
 public:
  Handler(const Runtime::Metrics& metrics, const Health& health) : _metrics(metrics), _health(health) {}

  void handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response) override {
    const bool head = request.getMethod() == "HEAD";
    const Page page = head || request.getMethod() == "GET" ? find(request.getURI()) : refuseMethod(response);
    response.setStatusAndReason(page.status);
    response.setContentType(page.type);
    response.set("Cache-Control", "no-store");
    response.set("X-Content-Type-Options", "nosniff");
    response.setContentLength64(static_cast<Poco::Int64>(page.body.size()));
    std::ostream& out = response.send();
    if (!head) out << page.body;
  }

 private:
  static Page refuseMethod(HTTPResponse& response) {
    response.set("Allow", "GET, HEAD");
    return {HTTPResponse::HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD are allowed here\n"};
  }

  Page find(const std::string& uri) const {
    const std::string path = uri.substr(0, uri.find('?'));
    if (path == "/metrics") return {HTTPResponse::HTTP_OK, prometheusText(_metrics), "text/plain; version=0.0.4; charset=utf-8"};
    if (path == "/healthz") return {HTTPResponse::HTTP_OK, "alive\n"};
    if (path == "/readyz") return readiness(_health);
    return {HTTPResponse::HTTP_NOT_FOUND, "not here; there are /metrics, /healthz and /readyz\n"};
  }

  const Runtime::Metrics& _metrics;
  const Health& _health;
};

}  // namespace

Poco::Net::HTTPRequestHandler* Handlers::createRequestHandler(const Poco::Net::HTTPServerRequest&) {
  return new Handler(_metrics, _health);
}

}  // namespace Patchbay::Admin
