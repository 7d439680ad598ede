#include <Poco/Exception.h>
#include <cppunit/extensions/HelperMacros.h>
#include <netinet/udp.h>
#include <poll.h>

#include <cerrno>
#include <map>
#include <string>
#include <vector>

#include "Allocations.h"
#include "patchbay/runtime/Datagram.h"
#include "patchbay/runtime/Random.h"

using namespace Patchbay::Runtime;

namespace {

struct Kind {
  const char* name;
  DatagramOptions options;
};

std::vector<Kind> kinds() {
  DatagramOptions portable, batched, segmented;
  portable.batched = portable.segmented = batched.segmented = false;
  return {{"portable", portable}, {"batched", batched}, {"segmented", segmented}};
}

std::unique_ptr<DatagramSocket> open(const DatagramOptions& options, const std::string& address, bool shared = false) {
  return makeSystemNetwork(options)->bind(Endpoint::parse(address).value(), shared);
}

/// The loopback addresses that this machine has.
std::vector<std::string> loopbacks() {
  std::vector<std::string> result{"127.0.0.1:0"};
  try {
    open({}, "[::1]:0");
    result.push_back("[::1]:0");
  } catch (const Poco::IOException&) {
    // no IPv6 here
  }
  return result;
}

/// Each test body runs for all kinds of sockets and both families.
template <class Body>
void forAll(Body body) {
  for (const Kind& kind : kinds())
    for (const std::string& address : loopbacks()) body(kind.options, address);
}

struct Received {
  std::string octets;
  Endpoint source;
};

/// Receives until there are `count`; gives up when nothing comes for ten seconds.
std::vector<Received> take(DatagramSocket& socket, size_t count) {
  std::vector<Received> result;
  while (result.size() < count) {
    pollfd waiting{socket.descriptor(), POLLIN, 0};
    if (poll(&waiting, 1, 10000) <= 0) break;
    for (const Datagram& datagram : socket.receive()) result.push_back({std::string(datagram.octets), datagram.source});
  }
  return result;
}

bool await(DatagramSocket& socket, short events, int milliseconds = 10000) {
  pollfd waiting{socket.descriptor(), 0, 0};
  return poll(&waiting, 1, milliseconds) > 0 && (waiting.revents & events);
}

void put(Outbox& outbox, std::string_view octets, const Endpoint& target) {
  CPPUNIT_ASSERT(outbox.hasRoom(octets.size()));
  octets.copy(outbox.reserve(octets.size()), octets.size());
  outbox.commit(octets.size(), target);
}

std::string numbered(int number, size_t length) {
  std::string text = std::to_string(number) + ' ';
  text.resize(std::max(length, text.size()), '.');
  return text;
}

struct Refused : DatagramSocket::Refusals {
  void refused(const Endpoint& target, int error) override { all.emplace_back(target, error); }
  void unreachable(const Endpoint& target, int error) override { returned.emplace_back(target, error); }
  std::vector<std::pair<Endpoint, int>> all, returned;
};

/// Makes a receiver see segmented messages whole, as the sender made them.
void keepWhole(DatagramSocket& socket) {
  const int on = 1;
  CPPUNIT_ASSERT_EQUAL(0, setsockopt(socket.descriptor(), IPPROTO_UDP, UDP_GRO, &on, sizeof on));
}

size_t messagesOf(DatagramSocket& sender, int datagrams, size_t length) {
  DatagramOptions plain;
  plain.segmented = false;
  const auto receiver = open(plain, "127.0.0.1:0");
  keepWhole(*receiver);
  Outbox outbox;
  for (int i = 0; i < datagrams; ++i) put(outbox, numbered(i, length), receiver->local());
  sender.send(outbox);
  size_t octets = 0, messages = 0;
  while (octets < length * static_cast<size_t>(datagrams)) {
    const auto some = take(*receiver, 1);
    CPPUNIT_ASSERT(!some.empty());
    for (const Received& received : some) octets += received.octets.size();
    messages += some.size();
  }
  return messages;
}

}  // namespace

class DatagramTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(DatagramTest);
  CPPUNIT_TEST(theOutboxKeepsWhatWasCommitted);
  CPPUNIT_TEST(theOutboxKnowsItsLimits);
  CPPUNIT_TEST(everyDatagramArrivesAndPeersKeepTheirOrder);
  CPPUNIT_TEST(movesTheLongestAndTheEmptyDatagram);
  CPPUNIT_TEST(receivesABatchAtMost);
  CPPUNIT_TEST(nothingThereIsNoError);
  CPPUNIT_TEST(port0GetsAPort);
  CPPUNIT_TEST(bindsBothFamiliesToOnePort);
  CPPUNIT_TEST(anAddressIsSharedOnlyWhenAsked);
  CPPUNIT_TEST(failureNamesAddressAndReason);
  CPPUNIT_TEST(whatTheSystemRefusesIsToldAndTheRestIsSent);
  CPPUNIT_TEST(aClosedPeerHarmsNobody);
  CPPUNIT_TEST(tellsWhoCannotBeReached);
  CPPUNIT_TEST(aStormOfErrorsHarmsNobody);
  CPPUNIT_TEST(segmentsGoAsOneMessage);
  CPPUNIT_TEST(aRefusedPeerDoesNotEndSegmentation);
  CPPUNIT_TEST(fallsBackForGoodWhenSegmentsAreRefused);
  CPPUNIT_TEST(tellsHowLongDatagramsHaveWaitedWhenAsked);
  CPPUNIT_TEST(tellsHowMuchWaits);
  CPPUNIT_TEST(doesNotAllocateInTheSteadyState);
  CPPUNIT_TEST_SUITE_END();

 public:
  void theOutboxKeepsWhatWasCommitted() {
    Outbox outbox;
    const Endpoint first = Endpoint::parse("192.0.2.1:5060").value(), second = Endpoint::parse("[2001:db8::1]:5060").value();
    CPPUNIT_ASSERT(outbox.empty());
    put(outbox, "one", first);
    outbox.reserve(100)[0] = 'x';  // reserved only: not part of it
    put(outbox, "three", second);
    CPPUNIT_ASSERT_EQUAL(size_t{2}, outbox.entries().size());
    CPPUNIT_ASSERT_EQUAL(std::string("one"), std::string(outbox.octetsOf(outbox.entries()[0])));
    CPPUNIT_ASSERT_EQUAL(std::string("three"), std::string(outbox.octetsOf(outbox.entries()[1])));
    CPPUNIT_ASSERT(outbox.entries()[1].target == second);
    outbox.clear();
    CPPUNIT_ASSERT(outbox.empty() && outbox.entries().empty());
  }

  void theOutboxKnowsItsLimits() {
    Outbox small(10);
    CPPUNIT_ASSERT(small.hasRoom(10) && !small.hasRoom(11));
    put(small, "12345678", {});
    CPPUNIT_ASSERT(small.hasRoom(2) && !small.hasRoom(3));
    Outbox outbox;
    CPPUNIT_ASSERT(outbox.hasRoom(Outbox::LongestDatagram));
    for (size_t i = 0; i < Outbox::MostDatagrams; ++i) put(outbox, "x", {});
    CPPUNIT_ASSERT(!outbox.hasRoom(1));
  }

  void everyDatagramArrivesAndPeersKeepTheirOrder() {
    const size_t sizes[] = {4, 300, 300, 300, 301, 1452, 1472, 1473, 3000};
    forAll([&](const DatagramOptions& options, const std::string& address) {
      const auto random = makeSeededRandom(3);
      const auto sender = open(options, address);
      std::vector<std::unique_ptr<DatagramSocket>> peers;
      for (int i = 0; i < 3; ++i) peers.push_back(open(options, address));
      Outbox outbox;
      for (int round = 0; round < 30; ++round) {
        std::map<size_t, std::vector<std::string>> expected;
        const size_t count = 1 + random->next() % 64;
        for (size_t i = 0; i < count; ++i) {
          const size_t peer = random->next() % peers.size();
          expected[peer].push_back(numbered(static_cast<int>(i), sizes[random->next() % std::size(sizes)]));
          put(outbox, expected[peer].back(), peers[peer]->local());
        }
        sender->send(outbox);
        CPPUNIT_ASSERT(outbox.empty());
        for (const auto& [peer, texts] : expected) {
          const auto received = take(*peers[peer], texts.size());
          CPPUNIT_ASSERT_EQUAL(texts.size(), received.size());
          for (size_t i = 0; i < texts.size(); ++i) {
            CPPUNIT_ASSERT_EQUAL(texts[i], received[i].octets);
            CPPUNIT_ASSERT(received[i].source == sender->local());
          }
        }
      }
      CPPUNIT_ASSERT_EQUAL(uint64_t{0}, sender->lost());
    });
  }

  void movesTheLongestAndTheEmptyDatagram() {
    forAll([](const DatagramOptions& options, const std::string& address) {
      const auto sender = open(options, address), receiver = open(options, address);
      Outbox outbox;
      const std::string longest = numbered(0, Outbox::LongestDatagram);
      put(outbox, longest, receiver->local());
      put(outbox, "", receiver->local());
      put(outbox, "end", receiver->local());
      sender->send(outbox);
      const auto received = take(*receiver, 3);
      CPPUNIT_ASSERT_EQUAL(size_t{3}, received.size());
      CPPUNIT_ASSERT(received[0].octets == longest);
      CPPUNIT_ASSERT_EQUAL(std::string(), received[1].octets);
      CPPUNIT_ASSERT_EQUAL(std::string("end"), received[2].octets);
    });
  }

  void receivesABatchAtMost() {
    forAll([](const DatagramOptions& options, const std::string& address) {
      const auto sender = open(options, address), receiver = open(options, address);
      Outbox outbox;
      for (int i = 0; i < 40; ++i) put(outbox, numbered(i, 50), receiver->local());
      sender->send(outbox);
      CPPUNIT_ASSERT_EQUAL(size_t{32}, receiver->receive().size());
      CPPUNIT_ASSERT_EQUAL(size_t{8}, receiver->receive().size());
    });
  }

  void nothingThereIsNoError() {
    forAll([](const DatagramOptions& options, const std::string& address) {
      const auto socket = open(options, address);
      Outbox outbox;
      CPPUNIT_ASSERT(socket->receive().empty());
      socket->send(outbox);
      CPPUNIT_ASSERT(socket->receive().empty());
    });
  }

  void port0GetsAPort() {
    forAll([](const DatagramOptions& options, const std::string& address) {
      const auto socket = open(options, address);
      CPPUNIT_ASSERT(socket->local().port != 0);
      CPPUNIT_ASSERT(socket->local().address == Endpoint::parse(address)->address);
      CPPUNIT_ASSERT(socket->descriptor() >= 0);
    });
  }

  void bindsBothFamiliesToOnePort() {
    if (loopbacks().size() < 2) return;
    const auto six = open({}, "[::]:0");
    const auto four = open({}, "0.0.0.0:" + std::to_string(six->local().port));
    CPPUNIT_ASSERT_EQUAL(six->local().port, four->local().port);
  }

  void anAddressIsSharedOnlyWhenAsked() {
    forAll([](const DatagramOptions& options, const std::string& address) {
      const auto shared = open(options, address, true);
      const auto second = open(options, shared->local().toString(), true);
      CPPUNIT_ASSERT(second->local() == shared->local());
      CPPUNIT_ASSERT_THROW(open(options, shared->local().toString()), Poco::IOException);
    });
  }

  void failureNamesAddressAndReason() {
    const auto socket = open({}, "127.0.0.1:0");
    try {
      open({}, socket->local().toString());
      CPPUNIT_FAIL("bound twice");
    } catch (const Poco::IOException& error) {
      CPPUNIT_ASSERT(error.displayText().find(socket->local().toString()) != std::string::npos);
      CPPUNIT_ASSERT(error.displayText().find("in use") != std::string::npos);
    }
  }

  void whatTheSystemRefusesIsToldAndTheRestIsSent() {
    for (const Kind& kind : kinds()) {
      const auto sender = open(kind.options, "127.0.0.1:0"), receiver = open(kind.options, "127.0.0.1:0");
      Refused refused;
      sender->onRefusal(&refused);
      const Endpoint nowhere{receiver->local().address, 0}, broadcast = Endpoint::parse("255.255.255.255:5060").value();
      Outbox outbox;
      for (const Endpoint& target : {receiver->local(), nowhere, broadcast, nowhere, receiver->local(), broadcast})
        put(outbox, "octets", target);
      sender->send(outbox);
      CPPUNIT_ASSERT_EQUAL(size_t{2}, take(*receiver, 2).size());
      CPPUNIT_ASSERT_EQUAL(size_t{4}, refused.all.size());
      CPPUNIT_ASSERT_EQUAL(uint64_t{4}, sender->lost());
      for (const auto& [target, error] : refused.all) CPPUNIT_ASSERT(target == (error == EINVAL ? nowhere : broadcast));
    }
  }

  void aClosedPeerHarmsNobody() {
    forAll([](const DatagramOptions& options, const std::string& address) {
      const auto sender = open(options, address), receiver = open(options, address);
      const Endpoint gone = open(options, address)->local();
      Outbox outbox;
      for (int i = 0; i < 10; ++i) {
        put(outbox, "to nobody", gone);
        sender->send(outbox);
        put(outbox, "to somebody", receiver->local());
        sender->send(outbox);
        CPPUNIT_ASSERT(sender->receive().empty());
      }
      CPPUNIT_ASSERT_EQUAL(size_t{10}, take(*receiver, 10).size());
      CPPUNIT_ASSERT_EQUAL(uint64_t{0}, sender->lost());
    });
  }

  // B21
  void tellsWhoCannotBeReached() {
    for (const Kind& kind : kinds())
      for (const std::string& address : loopbacks()) {
        if (!kind.options.batched) continue;  // the portable twin's system has no such thing
        const auto sender = open(kind.options, address), receiver = open(kind.options, address);
        const Endpoint gone = open(kind.options, address)->local();
        Refused refused;
        sender->onRefusal(&refused);
        Outbox outbox;
        put(outbox, "to nobody", gone);
        sender->send(outbox);
        CPPUNIT_ASSERT(await(*sender, POLLERR));
        CPPUNIT_ASSERT(sender->receive().empty());
        CPPUNIT_ASSERT_EQUAL(size_t{1}, refused.returned.size());
        CPPUNIT_ASSERT(refused.returned[0] == std::pair(gone, ECONNREFUSED));
        CPPUNIT_ASSERT(!await(*sender, POLLERR, 0));  // or the loop would never sleep
        put(outbox, "to nobody", gone);
        sender->send(outbox);
        CPPUNIT_ASSERT(await(*sender, POLLERR));
        put(outbox, "to somebody", receiver->local());
        sender->send(outbox);
        CPPUNIT_ASSERT_EQUAL(size_t{1}, take(*receiver, 1).size());
        CPPUNIT_ASSERT_EQUAL(size_t{2}, refused.returned.size());
        CPPUNIT_ASSERT(refused.all.empty());
      }
  }
  // B21
  void aStormOfErrorsHarmsNobody() {
    const auto sender = open({}, "127.0.0.1:0"), receiver = open({}, "127.0.0.1:0");
    const Endpoint gone = open({}, "127.0.0.1:0")->local();
    Refused refused;
    sender->onRefusal(&refused);
    Outbox outbox;
    size_t arrived = 0;
    for (int round = 0; round < 50; ++round) {
      for (int i = 0; i < 30; ++i) {
        put(outbox, numbered(i, 300), gone);
        put(outbox, numbered(i, 300), receiver->local());
      }
      sender->send(outbox);
      sender->receive();
      for (size_t batch = 1; batch; arrived += batch) batch = receiver->receive().size();
    }
    for (int i = 0; i < 1000 && await(*sender, POLLERR, 0); ++i) sender->receive();
    CPPUNIT_ASSERT(!await(*sender, POLLERR, 0));
    CPPUNIT_ASSERT(!refused.returned.empty());  // a machine may say so 50 times at once and 1,000 times a second
    for (const auto& [target, error] : refused.returned) CPPUNIT_ASSERT(target == gone && error == ECONNREFUSED);
    for (const auto& [target, error] : refused.all) CPPUNIT_ASSERT_EQUAL(ENOBUFS, error);  // nobody is blamed for another's
    CPPUNIT_ASSERT(arrived + refused.all.size() >= 1500);
  }

  void segmentsGoAsOneMessage() {
    const auto all = kinds();
    CPPUNIT_ASSERT_EQUAL(size_t{1}, messagesOf(*open(all[2].options, "127.0.0.1:0"), 20, 400));
    CPPUNIT_ASSERT_EQUAL(size_t{20}, messagesOf(*open(all[1].options, "127.0.0.1:0"), 20, 400));
  }

  void aRefusedPeerDoesNotEndSegmentation() {
    const auto sender = open({}, "127.0.0.1:0");
    CPPUNIT_ASSERT_EQUAL(size_t{1}, messagesOf(*sender, 20, 400));
    Outbox outbox;
    for (int i = 0; i < 5; ++i) put(outbox, "octets", {sender->local().address, 0});
    sender->send(outbox);
    CPPUNIT_ASSERT_EQUAL(uint64_t{5}, sender->lost());
    CPPUNIT_ASSERT_EQUAL(size_t{1}, messagesOf(*sender, 20, 400));
  }

  void fallsBackForGoodWhenSegmentsAreRefused() {
    const auto sender = open({}, "127.0.0.1:0");
    const auto checksums = [&](bool on) {
      const int off = on ? 0 : 1;
      CPPUNIT_ASSERT_EQUAL(0, setsockopt(sender->descriptor(), SOL_SOCKET, SO_NO_CHECK, &off, sizeof off));
    };
    checksums(false);  // the kernel then refuses to segment
    CPPUNIT_ASSERT_EQUAL(size_t{20}, messagesOf(*sender, 20, 400));
    checksums(true);
    CPPUNIT_ASSERT_EQUAL(size_t{20}, messagesOf(*sender, 20, 400));
    CPPUNIT_ASSERT_EQUAL(uint64_t{0}, sender->lost());
  }

  /// Case H06.
  void tellsHowLongDatagramsHaveWaitedWhenAsked() {
    forAll([](const DatagramOptions& options, const std::string& address) {
      const auto sender = open(options, address), receiver = open(options, address);
      Outbox outbox;
      const auto waited = [&] {
        for (int i = 0; i < 3; ++i) put(outbox, "octets", receiver->local());
        sender->send(outbox);
        const auto datagrams = receiver->receive();
        CPPUNIT_ASSERT_EQUAL(size_t{3}, datagrams.size());
        return datagrams.back().waited;
      };
      CPPUNIT_ASSERT(waited() == Duration::zero());
      CPPUNIT_ASSERT_EQUAL(options.batched, receiver->stamp(true));
      for (int i = 0; i < 3; ++i) CPPUNIT_ASSERT_EQUAL(options.batched, waited() > Duration::zero());
      CPPUNIT_ASSERT_EQUAL(options.batched, receiver->stamp(false));
      CPPUNIT_ASSERT(waited() == Duration::zero());
    });
  }

  void tellsHowMuchWaits() {
    for (const std::string& address : loopbacks()) {
      const auto sender = open({}, address), receiver = open({}, address);
      CPPUNIT_ASSERT_EQUAL(size_t{0}, receiver->backlog());
      Outbox outbox;
      for (int i = 0; i < 10; ++i) put(outbox, numbered(i, 300), receiver->local());
      sender->send(outbox);
      CPPUNIT_ASSERT(receiver->backlog() >= 3000);
    }
  }

  void doesNotAllocateInTheSteadyState() {
    forAll([](const DatagramOptions& options, const std::string& address) {
      const auto sender = open(options, address), receiver = open(options, address);
      Outbox outbox;
      const auto round = [&] {
        for (int i = 0; i < 30; ++i) {
          outbox.reserve(300)[0] = 'x';
          outbox.commit(300, receiver->local());
        }
        sender->send(outbox);
        return receiver->receive().size();
      };
      round();
      const size_t before = allocations();
      size_t received = 0;
      for (int i = 0; i < 20; ++i) received += round();
      const size_t after = allocations();  // the assertion allocates
      CPPUNIT_ASSERT_EQUAL(before, after);
      CPPUNIT_ASSERT_EQUAL(size_t{600}, received);
    });
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DatagramTest);
