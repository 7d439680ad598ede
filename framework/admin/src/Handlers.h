#pragma once

#include <Poco/Net/HTTPRequestHandlerFactory.h>

#include "Api.h"
#include "patchbay/admin/Endpoint.h"

namespace Patchbay::Admin {

/// Answers the fixed resources, and hands on what is the API's; anything else is 404 or 405 in words.
class Handlers : public Poco::Net::HTTPRequestHandlerFactory {
 public:
  Handlers(const Endpoint::Parts& parts, const std::string& version) : _parts(parts), _api(parts.operations, parts.access, version) {}
  Poco::Net::HTTPRequestHandler* createRequestHandler(const Poco::Net::HTTPServerRequest& request) override;

 private:
  const Endpoint::Parts _parts;
  const Api _api;
};

}  // namespace Patchbay::Admin
