#include "Explanation.h"

#include <Poco/JSON/Array.h>

#include "patchbay/core/NextHop.h"

namespace Patchbay::Explain {

namespace {

using Pipeline::Ending;
using Pipeline::Verdict;
using Poco::JSON::Array;
using Poco::JSON::Object;

const char* nameOf(Verdict verdict) {
  static constexpr const char* names[] = {"no", "yes", "error", "settled", "waits"};
  return names[static_cast<size_t>(verdict)];
}

const char* nameOf(Ending ending) {
  static constexpr const char* names[] = {"settled", "fell off the end of the rules: 500", "stopped", "failed: 503", "cancelled"};
  return names[static_cast<size_t>(ending)];
}

std::string addressesOf(Resolver::Outcome outcome, const std::vector<Resolver::Target>& targets) {
  if (outcome == Resolver::Outcome::notFound) return "there is no such name, or it has no address";
  if (outcome != Resolver::Outcome::found) return "the name servers do not answer";
  std::string text;
  for (const auto& target : targets)
    text += (text.empty() ? "" : ", ") + std::string(Transport::nameOf(target.protocol)) + ":" + target.endpoint.toString();
  return text;
}

}  // namespace

/// One destination, and the name server's answer for it.
class Explanation::Target : public Resolver::Waiter {
 public:
  Target(Explanation& owner, const Core::Destination& destination) : _owner(owner), _out(Poco::JSON_PRESERVE_KEY_ORDER) {
    _out.set("uri", std::string(destination.uri));
    _out.set("q", destination.q / 1000.0);
    if (!destination.nextHop.empty()) _out.set("next_hop", std::string(destination.nextHop));
    if (!destination.path.empty()) _out.set("path", std::string(destination.path));
  }
  /// False: told later.
  bool resolve(const Means& means, Core::Request& request, const Core::Destination& destination) {
    const auto hop = Core::NextHop::of(*means.core, request, destination);
    if (hop.flow) return say("connection of " + hop.flow.peer.toString());
    if (!hop.good) return say("it is no SIP URI");
    std::vector<Resolver::Target> targets;
    const auto outcome = means.resolver->resolve(hop.query, targets, *this);
    return outcome != Resolver::Outcome::pending && say(addressesOf(outcome, targets));
  }
  void resolved(Resolver::Outcome outcome, const std::vector<Resolver::Target>& targets) override {
    say(addressesOf(outcome, targets));
    // this target may go with its owner, but not while the resolver looks at it
    Runtime::Worker::current()->post([&owner = _owner] { owner.told(); });
  }
  const Object& out() const { return _out; }

 private:
  bool say(const std::string& addresses) {
    _out.set("addresses", addresses);
    return true;
  }
  Explanation& _owner;
  Object _out;
};

Explanation::Explanation(const Means& means, Runtime::Reply<Object> reply)
    : _means(means), _reply(std::move(reply)), _out(Poco::JSON_PRESERVE_KEY_ORDER) {}

Explanation::~Explanation() = default;

void Explanation::step(const Pipeline::Machine& machine, const Pipeline::Step& step) {
  const auto& program = machine.program();
  Object one(Poco::JSON_PRESERVE_KEY_ORDER);
  one.set("place", program.locationAt(step.at).toString());
  if (step.rule < program.rules().size()) one.set("rule", program.rules()[step.rule].name);
  const std::string text = program.textAt(step.at);
  one.set("step", std::string(step.leftOut ? "would " : "") + (text.empty() ? step.action : text));
  if (const std::string values = machine.explain(step.at); !values.empty()) one.set("values", values);
  one.set("result", nameOf(step.verdict));
  one.set("us", static_cast<int64_t>(std::chrono::duration_cast<std::chrono::microseconds>(step.spent).count()));
  _steps.push_back(std::move(one));
  const std::string action = step.action;
  _sends = step.leftOut && (action.starts_with("t_relay") || action == "forward" || action == "t_replicate");
}

void Explanation::done(Core::Request& request, Ending ending, Parser::Fault fault) {
  if (fault) {
    _out.set("ending", "refused before the rules: " + std::to_string(fault.status) + " " + fault.text);
  } else {
    _out.set("ending", nameOf(ending));
    if (!request.machine.errorText().empty())
      _out.set("error", std::string(request.machine.errorAction()) + ": " + std::string(request.machine.errorText()));
  }
  ++_open;
  if (!fault && _sends) addTargets(request);
  told();
}

void Explanation::addTargets(Core::Request& request) {
  for (const auto& destination : request.destinations.all()) {
    _targets.push_back(std::make_unique<Target>(*this, destination));
    if (!_targets.back()->resolve(_means, request, destination)) ++_open;
  }
}

void Explanation::told() {
  if (--_open != 0) return;
  Array steps, targets;
  for (const auto& one : _steps) steps.add(one);
  for (const auto& one : _targets) targets.add(one->out());
  _out.set("steps", steps);
  if (targets.size() != 0) _out.set("targets", targets);
  _reply.give(_out);
  delete this;
}

}  // namespace Patchbay::Explain
