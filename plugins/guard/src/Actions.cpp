#include "Actions.h"

namespace Patchbay::Guard {

namespace {

using Pipeline::Type;
using Pipeline::Verdict;

/// Does something to the source of a request.
template <class Work>
class Deed : public Pipeline::Action {
 public:
  Deed(Pipeline::IntegerArgument argument, Work work) : _argument(std::move(argument)), _work(std::move(work)) {}
  Verdict run(Pipeline::Machine& machine) override {
    const auto number = _argument.get(machine);
    if (!number) return machine.fail("an argument is no number of its range");
    _work(machine.subject<Core::Request>(), *number);
    return Verdict::yes;
  }

 private:
  Pipeline::IntegerArgument _argument;
  Work _work;
};

template <class Work>
auto deed(const char* parameter, Work work) {
  return [parameter, work](Pipeline::Binding& binding) {
    return std::make_unique<Deed<Work>>(parameter ? binding.integer(parameter) : Pipeline::IntegerArgument(0), work);
  };
}

}  // namespace

std::vector<Pipeline::ActionDeclaration> actionsOf(GuardPlugin& plugin) {
  constexpr uint8_t Effects = Pipeline::reads | Pipeline::changesState;
  constexpr int64_t Day = 86400LL * 1000000000;
  return {
      {.name = "ban",
       .summary =
           "Bans the source of the request: from now on what it sends is dropped. Friends and sources that have proved something are "
           "not banned.",
       .parameters = {{.name = "time",
                       .type = Type::duration,
                       .summary = "For how long; 0s: as configured.",
                       .fallback = "0s",
                       .least = 0,
                       .most = 365 * Day}},
       .after = true,
       .effects = Effects,
       .bind = deed("time",
                    [&plugin](const Core::Request& request, int64_t time) { plugin.ban(request, Reason::rule, Runtime::Duration(time)); })},
      {.name = "suspect",
       .summary = "Counts against the source of the request; with enough points within a window it is banned.",
       .parameters = {{.name = "points", .type = Type::integer, .summary = "How many.", .fallback = "1", .least = 1, .most = 1000}},
       .after = true,
       .effects = Effects,
       .bind = deed("points", [&plugin](const Core::Request& request,
                                        int64_t points) { plugin.suspect(request, static_cast<uint32_t>(points), Reason::scan); })},
      {.name = "vouch",
       .summary =
           "Says that the source of the request is known, as a successful password does: it is not banned for what others may send in "
           "its name.",
       .effects = Effects,
       .bind = deed(nullptr, [&plugin](const Core::Request& request, int64_t) { plugin.vouch(request); })},
  };
}

}  // namespace Patchbay::Guard
