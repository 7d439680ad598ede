#include "CountDown.h"

#include <algorithm>
#include <charconv>

namespace Patchbay::Maxfwd {

using Parser::HeaderId;
using Pipeline::Verdict;

Verdict CountDown::run(Pipeline::Machine& machine) {
  auto& request = machine.subject<Core::Request>();
  const auto limit = _limit.get(machine);
  if (!limit) return machine.fail("the limit is no number from 1 to 255");
  uint32_t value = static_cast<uint32_t>(*limit);
  if (request.message.has(HeaderId::maxForwards)) {
    const auto found = request.message.maxForwards();
    if (!found) return machine.fail("Max-Forwards is no number from 0 to 255");
    if (*found == 0) return Verdict::no;
    value = std::min(*found - 1, value);
  }
  if ((request.flags & _done) || machine.dry()) return Verdict::yes;
  request.flags |= _done;
  return write(request, value) ? Verdict::yes : machine.fail("Max-Forwards was changed by another action");
}

bool CountDown::write(Core::Request& request, uint32_t value) const {
  char digits[12];
  const std::string_view text(digits, static_cast<size_t>(std::to_chars(digits, digits + sizeof digits, value).ptr - digits));
  const auto* header = request.message.first(HeaderId::maxForwards);
  return header ? request.edits.replace(header->value, text) : request.edits.appendHeader(request.message, "Max-Forwards", text);
}

}  // namespace Patchbay::Maxfwd
