#pragma once

#include "patchbay/resolver/Resolver.h"

namespace Patchbay::Resolver {

/// What a name server's message says about one question.
struct DnsAnswer {
  static constexpr size_t MostAliases = 8;   ///< one after the other (CNAME); more are taken for a loop
  static constexpr size_t MostRecords = 64;  ///< that are kept

  NameServer::Answer answer;
  /// Not empty: the message ends with an alias for this name and says nothing about it, so it has to be asked for (the answer is then not
  /// found). RFC 1034, 3.6.2.
  std::string alias = {};
  size_t aliases = 0;  ///< how many were followed

  /// Reads any octets whatever. What breaks the form of DNS, answers another question, or has a record of that type that is malformed is
  /// failed as a whole (malformed); a response code but 0 and 3 is failed (server). Records of other names and types are passed over, so
  /// are those whose target is no name of a host or service.
  static DnsAnswer read(std::string_view octets, std::string_view name, NameServer::Type type);
};

}  // namespace Patchbay::Resolver
