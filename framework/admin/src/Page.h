#pragma once

#include <string>
#include <utility>
#include <vector>

#include <Poco/Dynamic/Var.h>

namespace Patchbay::Admin {

/// What goes back by HTTP.
struct Page {
  int status = 200;
  std::string body = {};
  const char* type = "text/plain; charset=utf-8";
  std::vector<std::pair<std::string, std::string>> headers = {};
};

/// What is no UTF-8 becomes U+FFFD.
Page jsonPage(int status, const Poco::Dynamic::Var& body);
/// {"error": ...}, and {"problems": [...]} when there are some.
Page errorPage(int status, const std::string& text, const std::vector<std::string>& problems = {});

}  // namespace Patchbay::Admin
