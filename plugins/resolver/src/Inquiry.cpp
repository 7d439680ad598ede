#include "Inquiry.h"

namespace Patchbay::Resolver {

void Link::before(Link& other) {
  next = &other;
  previous = other.previous;
  previous->next = this;
  other.previous = this;
}

void Link::unlink() {
  if (!next) return;
  next->previous = previous;
  previous->next = next;
  next = previous = nullptr;
  inquiry = nullptr;
}

Inquiry::~Inquiry() {
  while (waiting.next != &waiting) waiting.next->unlink();
}

}  // namespace Patchbay::Resolver
