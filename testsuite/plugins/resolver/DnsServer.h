#pragma once

#include <Poco/Net/DatagramSocket.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>

#include <atomic>
#include <string>
#include <thread>

#include "DnsMessage.h"

/// A name server on loopback that answers by name, well and badly. One thread; UDP and TCP on one port.
class DnsServer {
 public:
  /// With a code every question is answered with it.
  explicit DnsServer(int code = 0) : _code(code) {
    while (!listens()) {
    }
    _thread = std::thread([this] { run(); });
  }
  ~DnsServer() {
    _stop = true;
    // wakes the select
    Poco::Net::DatagramSocket knock;
    knock.connect(_udp.address());
    knock.sendBytes("", 0);
    _thread.join();
  }
  std::string address() const { return _udp.address().toString(); }
  int asked() const { return _asked; }

 private:
  /// At one number by both protocols: somebody may have the one that was chosen by the other protocol.
  bool listens() {
    _udp = Poco::Net::DatagramSocket(Poco::Net::SocketAddress("127.0.0.1", 0));
    try {
      _tcp = Poco::Net::ServerSocket(_udp.address());
    } catch (const Poco::Net::NetException&) {
      return false;
    }
    return true;
  }
  void run() {
    while (!_stop) {
      Poco::Net::Socket::SocketList read{_udp, _tcp}, write, except;
      Poco::Net::Socket::select(read, write, except, Poco::Timespan(60, 0));
      for (const auto& ready : read) ready == _udp ? serveUdp() : serveTcp();
    }
  }
  void serveUdp() {
    char octets[1500];
    Poco::Net::SocketAddress from;
    const int length = _udp.receiveFrom(octets, sizeof octets, from);
    if (length < 17) return;
    ++_asked;
    const std::string query(octets, static_cast<size_t>(length));
    const std::string name = nameOf(query);
    if (name == "silent.test") return;
    if (name == "spoof.test") {
      std::string wrong = reply(query, "a.test", false);
      wrong[0] = static_cast<char>(wrong[0] + 1);
      _udp.sendTo(wrong.data(), static_cast<int>(wrong.size()), from);
    }
    const std::string answer = reply(query, name, false);
    _udp.sendTo(answer.data(), static_cast<int>(answer.size()), from);
  }
  void serveTcp() {
    Poco::Net::StreamSocket peer = _tcp.acceptConnection();
    unsigned char head[2];
    if (receive(peer, reinterpret_cast<char*>(head), 2) != 2) return;
    std::string query(static_cast<size_t>(head[0] << 8 | head[1]), '\0');
    receive(peer, query.data(), static_cast<int>(query.size()));
    const std::string answer = reply(query, nameOf(query), true);
    const char length[2] = {static_cast<char>(answer.size() >> 8), static_cast<char>(answer.size())};
    peer.sendBytes(length, 2);
    peer.sendBytes(answer.data(), static_cast<int>(answer.size()));
  }
  static int receive(Poco::Net::StreamSocket& peer, char* out, int length) {
    int got = 0;
    while (got < length) {
      const int more = peer.receiveBytes(out + got, length - got);
      if (more <= 0) break;
      got += more;
    }
    return got;
  }

  static std::string nameOf(const std::string& query) {
    std::string name;
    for (size_t at = 12; at < query.size() && query[at];) {
      const auto length = static_cast<size_t>(query[at]);
      if (!name.empty()) name += '.';
      name += query.substr(at + 1, length);
      at += length + 1;
    }
    return name;
  }
  static std::string message(const std::string& query, int code, size_t count, const std::string& records, bool truncated = false) {
    const size_t end = query.find('\0', 12) + 5;
    const size_t flags = 0x8180u | (truncated ? 0x0200u : 0u) | static_cast<size_t>(code);
    return query.substr(0, 2) + Dns::number16(flags) + Dns::number16(1) + Dns::number16(count) + Dns::number32(0) +
           query.substr(12, end - 12) + records;
  }

  std::string reply(const std::string& query, const std::string& name, bool tcp) const {
    return _code ? message(query, _code, 0, "") : answer(query, name, tcp);
  }
  static std::string answer(const std::string& query, const std::string& name, bool tcp) {
    using namespace Dns;
    const auto type = static_cast<size_t>(query[query.find('\0', 12) + 2]);
    const bool v6 = type == 28;
    if (type == 33) return message(query, 0, 1, record(33, 1, service(10, 60, 5070, "a.test")));
    if (type == 35) return message(query, 0, 1, record(35, 7, pointer(10, 50, "S", "SIP+D2U", "", "_sip._udp.a.test")));
    if (name == "dangling.test") return message(query, 0, 1, record(5, 30, Dns::name("a.test")));
    if (name == "ping.test") return message(query, 0, 1, record(5, 30, Dns::name("pong.test")));
    if (name == "pong.test") return message(query, 0, 1, record(5, 30, Dns::name("ping.test")));
    const std::string address = v6 ? std::string("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16) : std::string("\xc0\0\2\1", 4);
    if (name == "nx.test") return message(query, 3, 0, "");
    if (name == "broken.test") return message(query, 2, 0, "");
    if (name == "nodata.test") return message(query, 0, 0, "");
    if (name == "v4only.test" && v6) return message(query, 0, 0, "");
    if (name == "cname.test")
      return message(query, 0, 2, record(5, 30, Dns::name("a.test")) + record(type, 60, address, Dns::name("a.test")));
    if (name == "cnameloop.test") return message(query, 0, 1, record(5, 30, "\xc0\x0c"));
    if (name == "other.test") return message(query, 0, 1, record(type, 60, address, Dns::name("stranger.test")));
    if (name == "loop.test")
      return message(query, 0, 1, record(type, 60, address, std::string("\xc0") + static_cast<char>(query.find('\0', 12) + 5)));
    if (name == "cut.test") return message(query, 0, 1, record(type, 60, address)).substr(0, query.size() + 8);
    if (name == "lies.test") return message(query, 0, 4000, record(type, 60, address));
    if (name == "length.test") return message(query, 0, 1, record(type, 60, address + "x"));
    if (name == "empty.test") return query.substr(0, 2);
    if (name == "big.test" && !tcp) return message(query, 0, 0, "", true);
    if (name == "big.test" || name == "many.test") {
      std::string records;
      const size_t count = tcp ? 2000 : 20;
      for (size_t i = 0; i < count; ++i) records += record(type, 60, address);
      return message(query, 0, count, records);
    }
    return message(query, 0, 1, record(type, 60, address));
  }

  const int _code;
  Poco::Net::DatagramSocket _udp;
  Poco::Net::ServerSocket _tcp;
  std::atomic<bool> _stop{false};
  std::atomic<int> _asked{0};
  std::thread _thread;
};
