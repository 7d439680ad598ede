#pragma once

#ifdef __linux__

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <ctime>

#include <linux/errqueue.h>  // needs timespec

#include "patchbay/runtime/Endpoint.h"

namespace Patchbay::Runtime {

/// What comes back of the datagrams that a socket has sent: ICMP messages, kept by the system until they are read (IP_RECVERR). As long as
/// there are some, sending and receiving fail once with the error of one of them, whomever that was about.
class ErrorQueue {
 public:
  /// Asks the system to keep them; without effect where it does not.
  void open(int descriptor, bool v6);
  /// Reads no more than 64 of them; the system tells again when there are more. Calls `tell(const Endpoint&, int error)` for each that says
  /// that a peer cannot be reached. Returns how many of any kind came from the network.
  template <class Tell>
  size_t read(int descriptor, Tell&& tell) {
    size_t found = 0;
    for (size_t round = 0; round < MostRounds; ++round) {
      const size_t count = readBatch(descriptor);
      for (size_t i = 0; i < count; ++i) {
        const auto* error = errorOf(_messages[i].msg_hdr);
        if (!error || error->ee_origin == SO_EE_ORIGIN_LOCAL) continue;
        ++found;
        if (isFinal(*error))
          tell(Endpoint::fromSockaddr(static_cast<const sockaddr*>(_messages[i].msg_hdr.msg_name)), int(error->ee_errno));
      }
      if (count < Batch) break;
    }
    return found;
  }

 private:
  static constexpr size_t Batch = 16, MostRounds = 4;
  struct Room {
    alignas(cmsghdr) char octets[CMSG_SPACE(sizeof(sock_extended_err) + sizeof(sockaddr_in6)) + CMSG_SPACE(sizeof(timespec))];
  };
  size_t readBatch(int descriptor);
  static const sock_extended_err* errorOf(msghdr& message);
  static bool isFinal(const sock_extended_err& error);
  std::array<mmsghdr, Batch> _messages;
  std::array<sockaddr_in6, Batch> _targets;
  std::array<Room, Batch> _rooms;
};

}  // namespace Patchbay::Runtime

#endif
