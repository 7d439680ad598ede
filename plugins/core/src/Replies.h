#pragma once

#include <string>

#include "patchbay/core/Core.h"

namespace Patchbay::Core {

/// Makes every reply of ours, out of the request's own header lines and the Reply's parts.
class Replies {
 public:
  enum class Signature { off, name, full };
  struct Settings {
    Signature signature = Signature::name;
    bool warning = false;  ///< Warning 392 with what SER told (REQ 4, 5)
    std::string version;
  };

  void configure(const Settings& settings, const Runtime::SipHash::Key& key);
  void write(Received& request, uint64_t incident, std::string_view currentUri, const Reply& reply, Parser::Writer& out) const;
  size_t room(const Received& request, const Reply& reply) const;
  char* writeTag(Received& request, char* out) const;

 private:
  void writeTo(Received& request, const Parser::Header& header, const Reply& reply, Parser::Writer& out) const;
  void writeHeaders(Received& request, const Reply& reply, Parser::Writer& out) const;
  void writeWarning(Received& request, uint64_t incident, std::string_view currentUri, const Reply& reply, Parser::Writer& out) const;
  Settings _settings;
  std::string _serverLine;
  Runtime::SipHash::Key _key{};
};

}  // namespace Patchbay::Core
