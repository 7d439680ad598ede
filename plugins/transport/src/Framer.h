#pragma once

#include "Framing.h"

namespace Patchbay::Transport {

/// SIP on a stream (RFC 3261, 18.3; RFC 5626, 3.5.1): the header section up to the empty line, then Content-Length octets. Whatever is cut
/// into whatever pieces gives the same events. Keeps at most one message and what was fed with its last octet.
class Framer : public Framing {
 public:
  struct Limits {
    size_t head = 32768;     ///< start line and headers
    size_t message = 65535;  ///< all of it
    unsigned emptyLines = 32;
  };
  Framer() = default;
  explicit Framer(const Limits& limits) : _limits(limits) {}

  void feed(std::string_view octets) override;
  Event next() override;
  void settle() override;
  bool isInside() const override { return !rest().empty() && !_ended; }
  /// Puts a Content-Length in where there is none: no peer could find the end.
  void write(std::string_view message, std::string& out) const override;
  size_t held() const override { return _kept.capacity(); }
  /// Empty lines keep a connection open, and so many at once do not.
  void forgive() override { _emptyLines &= 1; }

 private:
  std::string_view rest() const { return _octets.substr(_at); }
  Event fail(std::string_view octets, int status, const char* text);
  bool skipEmptyLines(Event& event);
  Event head();
  Event body();

  Limits _limits;
  std::string _kept;         ///< octets of earlier feeds
  std::string_view _octets;  ///< those, or the ones just fed
  size_t _at = 0;            ///< where in them we are
  size_t _looked = 0;        ///< of the rest: where no end of the headers is
  size_t _length = 0;        ///< of the message, once its headers are there; else 0
  unsigned _emptyLines = 0;  ///< in a row
  bool _ended = false;
};

}  // namespace Patchbay::Transport
