#pragma once

#include <cstring>
#include <memory>
#include <string_view>

namespace Patchbay::Parser {

/// A copy in a heap block of exactly its size, so that reading one octet too far is seen by the sanitizer.
class Octets {
 public:
  explicit Octets(std::string_view text) : _octets(new char[text.size()]), _size(text.size()) {
    if (_size) std::memcpy(_octets.get(), text.data(), _size);
  }
  std::string_view view() const { return {_octets.get(), _size}; }
  char* data() { return _octets.get(); }

 private:
  std::unique_ptr<char[]> _octets;
  size_t _size;
};

}  // namespace Patchbay::Parser
