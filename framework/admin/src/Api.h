#pragma once

#include <Poco/Net/HTTPServerRequest.h>

#include "Audit.h"
#include "Page.h"
#include "patchbay/admin/Access.h"
#include "patchbay/admin/Operations.h"

namespace Patchbay::Admin {

/// The resources under /api/v1: who may, what is meant, is it right, do it, tell the audit trail.
class Api {
 public:
  static constexpr const char* Base = "/api/v1";

  Api(const Operations& operations, const Access& access, std::string version)
      : _operations(operations), _access(access), _version(std::move(version)) {}
  /// `path` is what stands behind the base.
  Page answer(Poco::Net::HTTPServerRequest& request, const std::string& path) const;
  /// Whether the request's token may; else the page that says why not. Fills in who it is.
  std::optional<Page> refusal(const Poco::Net::HTTPServerRequest& request, Role role, Caller& caller) const;

 private:
  Page run(Poco::Net::HTTPServerRequest& request, const std::string& path, Caller& caller) const;
  static Page perform(const Operation& operation, const Caller& caller, const Arguments& arguments);
  const Operations& _operations;
  const Access& _access;
  const std::string _version;
};

}  // namespace Patchbay::Admin
