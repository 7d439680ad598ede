#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace Patchbay::Tm {

/// A stored message: one block of exactly its size.
class Octets {
 public:
  void assign(std::string_view text) {
    char* data = room(text.size());
    if (!text.empty()) std::memcpy(data, text.data(), text.size());
  }
  /// Uninitialised room for `length` octets, to be filled at once.
  char* room(size_t length) {
    if (length != _length) _data.reset(length ? new char[length] : nullptr);
    _length = static_cast<uint32_t>(length);
    return _data.get();
  }
  void clear() { room(0); }
  bool empty() const { return _length == 0; }
  std::string_view view() const { return {_data.get(), _length}; }

 private:
  std::unique_ptr<char[]> _data;
  uint32_t _length = 0;
};

}  // namespace Patchbay::Tm
