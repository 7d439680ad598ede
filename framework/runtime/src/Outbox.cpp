#include "patchbay/runtime/Datagram.h"

namespace Patchbay::Runtime {

Outbox::Outbox(size_t octets) : _octets(octets) {
  _entries.reserve(MostDatagrams);
}

void Outbox::commit(size_t length, const Endpoint& target) {
  _entries.push_back({static_cast<uint32_t>(_used), static_cast<uint32_t>(length), target});
  _used += length;
}

void Outbox::clear() {
  _entries.clear();
  _used = 0;
}

}  // namespace Patchbay::Runtime
