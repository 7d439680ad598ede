#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>

namespace Patchbay::Fuzz {

/// The octets in a heap block of exactly their size, so that ASan sees a read one octet behind them. Not ended by anything.
class Input {
 public:
  Input(const uint8_t* data, size_t size) : Input(std::string_view(reinterpret_cast<const char*>(data), size)) {}
  explicit Input(std::string_view text) : _octets(new char[text.size()]), _size(text.size()) {
    if (_size) std::memcpy(_octets.get(), text.data(), _size);
  }
  std::string_view text() const { return {_octets.get(), _size}; }
  char* data() { return _octets.get(); }

 private:
  std::unique_ptr<char[]> _octets;
  size_t _size;
};

/// Takes an input apart from its beginning. At its end it gives zeros and empty texts.
class Reader {
 public:
  explicit Reader(std::string_view octets) : _rest(octets) {}
  bool done() const { return _rest.empty(); }
  uint8_t octet() {
    if (_rest.empty()) return 0;
    const auto value = static_cast<uint8_t>(_rest[0]);
    _rest.remove_prefix(1);
    return value;
  }
  /// Below `count`.
  size_t below(size_t count) { return octet() % count; }
  uint32_t word() {
    const uint32_t high = octet();
    return high << 8 | octet();
  }
  std::string_view take(size_t size) {
    const std::string_view taken = _rest.substr(0, size);
    _rest.remove_prefix(taken.size());
    return taken;
  }
  /// Up to the next octet `end`, which is taken too.
  std::string_view until(char end) {
    const size_t at = _rest.find(end);
    const std::string_view taken = _rest.substr(0, at);
    _rest.remove_prefix(at == std::string_view::npos ? _rest.size() : at + 1);
    return taken;
  }
  std::string_view rest() { return take(_rest.size()); }

 private:
  std::string_view _rest;
};

/// Whether the part is empty or a stretch of the whole.
inline bool within(std::string_view whole, std::string_view part) {
  return part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

/// Ends the program when a fact does not hold: libFuzzer keeps the input then. Not an assertion that a build could leave out.
inline void require(bool holds, const char* fact) {
  if (holds) return;
  std::fprintf(stderr, "fuzz: does not hold: %s\n", fact);
  std::abort();
}

}  // namespace Patchbay::Fuzz
