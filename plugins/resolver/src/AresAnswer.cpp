#include "AresAnswer.h"

#include <ares.h>

#include <algorithm>

namespace Patchbay::Resolver {

using Runtime::IpAddress;

namespace {

constexpr int Most = 64;

Outcome outcomeOf(int status) {
  switch (status) {
    case ARES_SUCCESS:
      return Outcome::found;
    case ARES_ENODATA:
    case ARES_ENOTFOUND:
    case ARES_EBADNAME:
      return Outcome::notFound;
    default:
      return Outcome::failed;
  }
}

template <class Record>
void take(const Record* records, int count, IpAddress (*addressOf)(const Record&), NameServer::Addresses& answer) {
  int ttl = count ? records[0].ttl : 0;
  for (int i = 0; i < count; ++i) {
    answer.addresses.push_back(addressOf(records[i]));
    ttl = std::min(ttl, records[i].ttl);
  }
  answer.ttl = std::chrono::seconds(std::max(ttl, 0));  // RFC 2181, 8: with the highest bit set it counts as 0
}

IpAddress v4Of(const ares_addrttl& record) {
  return IpAddress::fromV4(record.ipaddr);
}

IpAddress v6Of(const ares_addr6ttl& record) {
  in6_addr address;
  static_assert(sizeof address == sizeof record.ip6addr);
  std::memcpy(&address, &record.ip6addr, sizeof address);
  return IpAddress::fromV6(address);
}

}  // namespace

NameServer::Addresses readAnswer(int status, const unsigned char* octets, int length, IpAddress::Family family) {
  NameServer::Addresses answer;
  int count = Most;
  if (status == ARES_SUCCESS && family == IpAddress::Family::v6) {
    ares_addr6ttl records[Most];
    status = ares_parse_aaaa_reply(octets, length, nullptr, records, &count);
    if (status == ARES_SUCCESS) take(records, count, v6Of, answer);
  } else if (status == ARES_SUCCESS) {
    ares_addrttl records[Most];
    status = ares_parse_a_reply(octets, length, nullptr, records, &count);
    if (status == ARES_SUCCESS) take(records, count, v4Of, answer);
  }
  answer.outcome = outcomeOf(status);
  if (answer.outcome == Outcome::found && answer.addresses.empty()) answer.outcome = Outcome::notFound;
  return answer;
}

}  // namespace Patchbay::Resolver
