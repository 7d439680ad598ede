#include <cstring>

#include "patchbay/pipeline/Machine.h"

namespace Patchbay::Pipeline {

char* Scratch::take(size_t octets) {
  if (!_first) _first = std::make_unique<char[]>(FirstBlock);
  if (octets <= FirstBlock - _used) {
    char* const room = _first.get() + _used;
    _used += octets;
    return room;
  }
  _more.push_back(std::make_unique<char[]>(octets));
  return _more.back().get();
}

std::string_view Scratch::copy(std::string_view text) {
  char* const room = take(text.size());
  if (!text.empty()) std::memcpy(room, text.data(), text.size());
  return {room, text.size()};
}

void Scratch::clear() {
  _used = 0;
  if (!_more.empty()) _more.clear();
}

}  // namespace Patchbay::Pipeline
