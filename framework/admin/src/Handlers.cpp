#include "Handlers.h"

#include <pthread.h>
#include <sys/resource.h>

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>

#include "Asked.h"

namespace Patchbay::Admin {

using Poco::Net::HTTPResponse;

namespace {

/// Behind the workers, whatever operators ask for. On Linux it is the thread's own.
bool stepBack() {
#ifdef __linux__
  ::pthread_setname_np(::pthread_self(), "admin");
  return ::setpriority(PRIO_PROCESS, 0, 10) == 0;
#else
  return false;
#endif
}

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
  return {ready ? 200 : 503, std::move(body)};
}

size_t headSize(const Poco::Net::HTTPServerRequest& request) {
  size_t size = request.getURI().size() + request.getMethod().size();
  for (const auto& [name, value] : request) size += name.size() + value.size() + 4;
  return size;
}

class Handler : public Poco::Net::HTTPRequestHandler {
 public:
  Handler(const Endpoint::Parts& parts, const Api& api) : _parts(parts), _api(api) {}

  void handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response) override {
    static thread_local const bool back = stepBack();
    (void)back;
    const Page page = headSize(request) > MostHeadBytes ? errorPage(431, "the request's head is too large") : find(request);
    response.setStatusAndReason(static_cast<HTTPResponse::HTTPStatus>(page.status));
    response.setContentType(page.type);
    response.set("Cache-Control", "no-store");
    response.set("X-Content-Type-Options", "nosniff");
    for (const auto& [name, value] : page.headers) response.set(name, value);
    response.setContentLength64(static_cast<Poco::Int64>(page.body.size()));
    std::ostream& out = response.send();
    if (request.getMethod() != "HEAD") out << page.body;
  }

 private:
  Page find(Poco::Net::HTTPServerRequest& request) const {
    const std::string uri = request.getURI();
    const std::string path = uri.substr(0, uri.find('?')), base = std::string(Api::Base) + "/";
    if (path.starts_with(base)) return _api.answer(request, path.substr(base.size() - 1));
    if (request.getMethod() != "GET" && request.getMethod() != "HEAD")
      return {405, "only GET and HEAD are allowed here\n", "text/plain", {{"Allow", "GET, HEAD"}}};
    if (path == "/healthz") return {200, "alive\n"};
    if (path == "/metrics" || path == "/readyz") return figures(request, path);
    return {404, "not here; there are /metrics, /healthz, /readyz and /api/v1\n"};
  }

  /// Free for this machine; others need a token.
  Page figures(const Poco::Net::HTTPServerRequest& request, const std::string& path) const {
    Caller caller;
    if (!request.clientAddress().host().isLoopback())
      if (auto refused = _api.refusal(request, Role::read, caller)) return *refused;
    if (path == "/readyz") return readiness(_parts.health);
    return {200, prometheusText(_parts.metrics), "text/plain; version=0.0.4; charset=utf-8"};
  }

  const Endpoint::Parts& _parts;
  const Api& _api;
};

}  // namespace

Poco::Net::HTTPRequestHandler* Handlers::createRequestHandler(const Poco::Net::HTTPServerRequest&) {
  return new Handler(_parts, _api);
}

}  // namespace Patchbay::Admin
