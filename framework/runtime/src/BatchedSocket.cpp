#ifdef __linux__

#include <linux/sock_diag.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <cerrno>
#include <ctime>

#include "ErrorQueue.h"
#include "Grouping.h"
#include "SystemSocket.h"
#include "patchbay/log/Logger.h"

namespace Patchbay::Runtime {

namespace {

/// The ancillary data that asks for segments of a size.
struct SegmentSize {
  alignas(cmsghdr) char octets[CMSG_SPACE(sizeof(uint16_t))] = {};

  SegmentSize() {
    auto* header = reinterpret_cast<cmsghdr*>(octets);
    header->cmsg_level = IPPROTO_UDP;
    header->cmsg_type = UDP_SEGMENT;
    header->cmsg_len = CMSG_LEN(sizeof(uint16_t));
  }
  void set(uint16_t size) { std::memcpy(CMSG_DATA(reinterpret_cast<cmsghdr*>(octets)), &size, sizeof size); }
};

/// Room for the ancillary data that tells when a datagram arrived.
struct ArrivalRoom {
  alignas(cmsghdr) char octets[CMSG_SPACE(sizeof(timespec))] = {};
};

Duration durationOf(const timespec& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

/// When the datagram arrived, by the calendar's clock.
std::optional<Duration> arrivalOf(msghdr& message) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_TIMESTAMPNS) continue;
    timespec time;
    std::memcpy(&time, CMSG_DATA(part), sizeof time);
    return durationOf(time);
  }
  return {};
}

class BatchedSocket : public SystemSocket {
 public:
  BatchedSocket(const Endpoint& local, bool shared, const DatagramOptions& options)
      : SystemSocket(local, shared, options), _segmented(options.segmented) {
    _errors.open(descriptor(), local.address.isV6());
    for (size_t i = 0; i < BatchSize; ++i) {
      _room[i] = {slot(i), SlotBytes};
      _incoming[i].msg_hdr = {&_sources[i], sizeof _sources[i], &_room[i], 1, nullptr, 0, 0};
    }
    for (size_t i = 0; i < Grouping::Most; ++i) _outgoing[i].msg_hdr.msg_name = &_targets[i];
  }

  std::span<const Datagram> receive() override {
    int count = recvmmsg(descriptor(), _incoming.data(), BatchSize, MSG_DONTWAIT, nullptr);
    if (count < 0 && errno != EAGAIN && readErrors()) count = recvmmsg(descriptor(), _incoming.data(), BatchSize, MSG_DONTWAIT, nullptr);
    for (int i = 0; i < count; ++i) {
      mmsghdr& message = _incoming[static_cast<size_t>(i)];
      _datagrams[static_cast<size_t>(i)] = {{slot(static_cast<size_t>(i)), message.msg_len},
                                            Endpoint::fromSockaddr(static_cast<const sockaddr*>(message.msg_hdr.msg_name)),
                                            Duration::zero()};
      message.msg_hdr.msg_namelen = sizeof _sources[0];
    }
    if (_stamping && count > 0) readStamps(static_cast<size_t>(count));
    return {_datagrams.data(), count > 0 ? static_cast<size_t>(count) : 0};
  }

  bool stamp(bool on) override {
    const int value = on;
    if (setsockopt(descriptor(), SOL_SOCKET, SO_TIMESTAMPNS, &value, sizeof value) != 0) return false;
    _stamping = on;
    if (on && !_arrivals) _arrivals = std::make_unique<std::array<ArrivalRoom, BatchSize>>();
    for (size_t i = 0; i < BatchSize; ++i) makeRoom(i);
    return true;
  }

  size_t backlog() const override {
    uint32_t memory[SK_MEMINFO_VARS] = {};
    socklen_t length = sizeof memory;
    if (getsockopt(descriptor(), SOL_SOCKET, SO_MEMINFO, memory, &length) != 0) return 0;
    return memory[SK_MEMINFO_RMEM_ALLOC];
  }

  void send(Outbox& outbox) override {
    if (outbox.empty()) return;
    _grouping.build(outbox.entries(), _segmented && outbox.entries().size() > 1);
    prepare(outbox);
    transmit(outbox);
    outbox.clear();
  }

 private:
  static constexpr int MostRetries = 4;
  /// A step of the calendar's clock looks like a wait.
  static constexpr Duration LongestWait = std::chrono::minutes(1);

  void makeRoom(size_t index) {
    _incoming[index].msg_hdr.msg_control = _stamping ? &(*_arrivals)[index] : nullptr;
    _incoming[index].msg_hdr.msg_controllen = _stamping ? sizeof(ArrivalRoom) : 0;
  }

  void readStamps(size_t count) {
    timespec time{};
    clock_gettime(CLOCK_REALTIME, &time);
    for (size_t i = 0; i < count; ++i) {
      const auto arrival = arrivalOf(_incoming[i].msg_hdr);
      const Duration waited = arrival ? durationOf(time) - *arrival : Duration::zero();
      _datagrams[i].waited = waited > Duration::zero() && waited < LongestWait ? waited : Duration::zero();
      makeRoom(i);
    }
  }

  /// One message a group.
  void prepare(const Outbox& outbox) {
    const auto groups = _grouping.groups();
    iovec* piece = _pieces.data();
    for (size_t i = 0; i < groups.size(); ++i) {
      const Grouping::Group& group = groups[i];
      msghdr& message = _outgoing[i].msg_hdr;
      message.msg_namelen = outbox.entries()[group.first].target.toSockaddr(_targets[i]);
      message.msg_iov = piece;
      piece = gather(outbox, group, piece);
      message.msg_iovlen = static_cast<size_t>(piece - message.msg_iov);
      _sizes[i].set(group.size);
      message.msg_control = group.count > 1 ? &_sizes[i] : nullptr;
      message.msg_controllen = group.count > 1 ? sizeof _sizes[i] : 0;
    }
  }

  /// Neighbours in the outbox are one piece. Returns the place after the last one.
  iovec* gather(const Outbox& outbox, const Grouping::Group& group, iovec* piece) {
    const auto entries = outbox.entries();
    size_t index = group.first, previous = index;
    *piece = pieceOf(outbox, entries[index]);
    for (uint8_t left = group.count; --left > 0; previous = index) {
      index = _grouping.after(index);
      if (index == previous + 1)
        piece->iov_len += entries[index].length;
      else
        *++piece = pieceOf(outbox, entries[index]);
    }
    return piece + 1;
  }

  static iovec pieceOf(const Outbox& outbox, const Outbox::Entry& entry) {
    return {const_cast<char*>(outbox.octetsOf(entry).data()), entry.length};
  }

  void transmit(const Outbox& outbox) {
    const size_t count = _grouping.groups().size();
    _patience = MostRetries;
    for (size_t done = 0; done < count;) {
      const int sent = sendmmsg(descriptor(), &_outgoing[done], static_cast<unsigned>(count - done), MSG_DONTWAIT);
      if (sent > 0) {
        if (_segmented && !_segmentsWorked) noteSegments(done, static_cast<size_t>(sent));
        done += static_cast<size_t>(sent);
        if (done < count) readErrors();  // perhaps what has stopped it, and that is not told again
      } else if (int error = errno; !mayRetry(error)) {
        refused(outbox, _grouping.groups()[done], error);
        ++done;
      }
    }
  }

  bool readErrors() {
    return _errors.read(descriptor(), [this](const Endpoint& target, int error) { tellUnreachable(target, error); }) > 0;
  }

  /// A full buffer may have room in a moment; and it may be an earlier datagram that is meant, to whatever peer: then it is not this one's
  /// error. Never for long: a batch shares its retries.
  bool mayRetry(int& error) {
    const bool passing = error == EINTR || error == EAGAIN || error == ENOBUFS;
    const bool other = !passing && readErrors();
    if ((passing || other) && _patience-- > 0) return true;
    if (other) error = ENOBUFS;
    return false;
  }

  /// Segments that the system does not want go one by one.
  void refused(const Outbox& outbox, const Grouping::Group& group, int error) {
    const bool segments = error == EIO || error == EINVAL || error == EOPNOTSUPP || error == EMSGSIZE;
    const bool plain = group.count > 1 && segments;
    bool sent = false;
    for (size_t left = group.count, index = group.first; left > 0; --left, index = _grouping.after(index)) {
      const Outbox::Entry& entry = outbox.entries()[index];
      const int reason = plain ? sendPlain(outbox.octetsOf(entry), entry.target) : error;
      if (reason == 0) sent = true;
      if (reason != 0) lose(entry.target, reason);
    }
    if (sent) reconsider(error);
  }

  int sendPlain(std::string_view octets, const Endpoint& target) {
    sockaddr_storage raw;
    const socklen_t length = target.toSockaddr(raw);
    while (sendto(descriptor(), octets.data(), octets.size(), MSG_DONTWAIT, reinterpret_cast<const sockaddr*>(&raw), length) < 0)
      if (int error = errno; !mayRetry(error)) return error;
    return 0;
  }

  /// The datagrams went one by one, so it was the segmentation that was refused: by the kernel or the device for good, or (EINVAL or
  /// EMSGSIZE where it has worked before) for a narrow path, which a peer could feign to slow down all others; so that costs only itself.
  void reconsider(int error) {
    const bool lasting = error == EIO || error == EOPNOTSUPP || (error == EINVAL && !_segmentsWorked);
    if (!lasting || !_segmented) return;
    _segmented = false;
    Log::Logger::get("runtime").notice("no segmented sends on this socket any more", {{"local", local().toString()}});
  }

  void noteSegments(size_t from, size_t count) {
    for (const Grouping::Group& group : _grouping.groups().subspan(from, count)) _segmentsWorked |= group.count > 1;
  }

  bool _segmented;
  bool _segmentsWorked = false;
  bool _stamping = false;
  int _patience = 0;
  std::unique_ptr<std::array<ArrivalRoom, BatchSize>> _arrivals;
  ErrorQueue _errors;
  Grouping _grouping;
  std::array<iovec, BatchSize> _room;
  std::array<sockaddr_in6, BatchSize> _sources;
  std::array<mmsghdr, BatchSize> _incoming{};
  std::array<sockaddr_storage, Grouping::Most> _targets;
  std::array<iovec, Grouping::Most> _pieces;
  std::array<SegmentSize, Grouping::Most> _sizes;
  std::array<mmsghdr, Grouping::Most> _outgoing{};
};

}  // namespace

std::unique_ptr<DatagramSocket> makeBatchedSocket(const Endpoint& local, bool shared, const DatagramOptions& options) {
  return std::make_unique<BatchedSocket>(local, shared, options);
}

}  // namespace Patchbay::Runtime

#endif
