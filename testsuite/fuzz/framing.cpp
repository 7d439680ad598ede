#include <string>
#include <vector>

#include "Framer.h"
#include "Input.h"

using namespace Patchbay;
using Transport::Framer;
using Kind = Transport::Framing::Kind;

namespace {

struct Seen {
  Kind kind;
  std::string octets;
  int status = 0;
  friend bool operator==(const Seen&, const Seen&) = default;
};

/// What a stream gives when it comes in pieces whose sizes are the octets of `sizes`, over and over; in one piece when there are none.
std::vector<Seen> framed(std::string_view octets, std::string_view sizes) {
  Framer framer;
  std::vector<Seen> seen;
  for (size_t i = 0; !octets.empty(); ++i) {
    const size_t size = sizes.empty() ? octets.size() : 1 + static_cast<unsigned char>(sizes[i % sizes.size()]);
    const Fuzz::Input piece(octets.substr(0, size));
    octets.remove_prefix(piece.text().size());
    framer.feed(piece.text());
    for (auto event = framer.next(); event.kind != Kind::more; event = framer.next())
      seen.push_back({event.kind, std::string(event.octets), event.fault.status});
    framer.settle();
    Fuzz::require(framer.held() < 200000, "a framer keeps no more than a message");
  }
  return seen;
}

void checkMessage(const std::string& octets) {
  const Fuzz::Input input(octets);
  Parser::Message message;
  if (!message.parse(input.text(), Parser::Limits::none()))
    Fuzz::require(message.octets().size() == octets.size(), "framer and parser agree where a message ends");
  std::string wire;
  Framer().write(octets, wire);
  const auto again = framed(wire, {});
  Fuzz::require(again.size() == 1 && again[0].kind == Kind::message && again[0].octets == wire, "a message on the wire is one message");
}

}  // namespace

/// Four octets that say how the stream is cut, then the stream.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Fuzz::Reader reader({reinterpret_cast<const char*>(data), size});
  const bool cut = size > 4 && data[0] < ' ';  // a message by itself is cut at each octet
  const std::string sizes = cut ? std::string(reader.take(4)) : std::string(1, '\0');
  const auto stream = reader.rest();
  const auto whole = framed(stream, {});
  Fuzz::require(framed(stream, sizes) == whole, "a stream gives the same, however it is cut");
  bool ended = false;
  for (const auto& seen : whole) {
    Fuzz::require(!ended, "nothing behind a fault is looked at");
    ended = seen.kind == Kind::fault || seen.kind == Kind::end;
    if (seen.kind == Kind::message) checkMessage(seen.octets);
    if (seen.kind == Kind::fault) Fuzz::require(seen.status >= 400, "a fault has a status");
  }
  return 0;
}
