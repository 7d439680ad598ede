#ifdef __linux__

#include "ErrorQueue.h"

#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>

namespace Patchbay::Runtime {

void ErrorQueue::open(int descriptor, bool v6) {
  const int on = 1;
  setsockopt(descriptor, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_RECVERR : IP_RECVERR, &on, sizeof on);
}

size_t ErrorQueue::readBatch(int descriptor) {
  for (size_t i = 0; i < Batch; ++i) _messages[i].msg_hdr = {&_targets[i], sizeof _targets[i], nullptr, 0, &_rooms[i], sizeof _rooms[i], 0};
  const int count = recvmmsg(descriptor, _messages.data(), Batch, MSG_ERRQUEUE | MSG_DONTWAIT, nullptr);
  return count > 0 ? static_cast<size_t>(count) : 0;
}

const sock_extended_err* ErrorQueue::errorOf(msghdr& message) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(&message, part)) {
    const bool v4 = part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_RECVERR;
    const bool v6 = part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_RECVERR;
    if (v4 || v6) return reinterpret_cast<const sock_extended_err*>(CMSG_DATA(part));
  }
  return nullptr;
}

/// RFC 3261, 18.4. Not a hop count that ran out, and not a narrow path, which the system deals with itself.
bool ErrorQueue::isFinal(const sock_extended_err& error) {
  if (error.ee_origin == SO_EE_ORIGIN_ICMP)
    return (error.ee_type == ICMP_DEST_UNREACH && error.ee_code != ICMP_FRAG_NEEDED) || error.ee_type == ICMP_PARAMETERPROB;
  return error.ee_origin == SO_EE_ORIGIN_ICMP6 && (error.ee_type == ICMP6_DST_UNREACH || error.ee_type == ICMP6_PARAM_PROB);
}

}  // namespace Patchbay::Runtime

#endif
