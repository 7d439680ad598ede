#pragma once

#include <Poco/Net/HTTPRequestHandlerFactory.h>

#include "patchbay/admin/Endpoint.h"

namespace Patchbay::Admin {

/// Answers GET and HEAD of the fixed resources; anything else is 404 or 405 in words.
class Handlers : public Poco::Net::HTTPRequestHandlerFactory {
 public:
  Handlers(const Runtime::Metrics& metrics, const Health& health) : _metrics(metrics), _health(health) {}
  Poco::Net::HTTPRequestHandler* createRequestHandler(const Poco::Net::HTTPServerRequest& request) override;

 private:
  const Runtime::Metrics& _metrics;
  const Health& _health;
};

}  // namespace Patchbay::Admin
