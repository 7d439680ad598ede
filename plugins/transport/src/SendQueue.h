#pragma once

#include <string>
#include <string_view>

namespace Patchbay::Transport {

/// Octets that wait for a socket. Gives its memory back when empty.
class SendQueue {
 public:
  size_t size() const { return _octets.size() - _sent; }
  bool empty() const { return size() == 0; }
  std::string_view view() const { return std::string_view(_octets).substr(_sent); }
  /// To write behind what is there.
  std::string& tail() { return _octets; }
  void sent(size_t octets) {
    _sent += octets;
    if (_sent == _octets.size()) {
      clear();
    } else if (_sent > _octets.size() / 2) {
      _octets.erase(0, _sent);
      _sent = 0;
    }
  }
  void clear() {
    _octets.clear();
    _sent = 0;
    if (_octets.capacity() > SpareOctets) _octets.shrink_to_fit();
  }

 private:
  static constexpr size_t SpareOctets = 1024;
  std::string _octets;
  size_t _sent = 0;
};

}  // namespace Patchbay::Transport
