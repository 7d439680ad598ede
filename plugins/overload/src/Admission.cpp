#include "Admission.h"

namespace Patchbay::Overload {

namespace {

/// What is refused first: it can be tried again, and each one admitted makes more work.
bool isFirst(Parser::Method method) {
  using Parser::Method;
  return method == Method::invite || method == Method::subscribe || method == Method::message || method == Method::options;
}

}  // namespace

Sentence Admission::judge(Parser::Method method, Runtime::Duration waited, uint64_t random) const {
  if (waited >= _limits.discard) return Sentence::discard;
  if (waited >= _limits.hard) return Sentence::late;
  const auto begin = isFirst(method) ? _limits.soft : (_limits.soft + _limits.hard) / 2;
  if (waited <= begin) return Sentence::admit;
  const auto share = static_cast<double>((waited - begin).count()) / static_cast<double>((_limits.hard - begin).count());
  return static_cast<double>(random >> 11) * 0x1p-53 < share ? Sentence::share : Sentence::admit;
}

}  // namespace Patchbay::Overload
