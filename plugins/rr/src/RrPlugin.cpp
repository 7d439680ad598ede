#include "RrPlugin.h"

namespace Patchbay::Rr {

using Pipeline::Type;
using Pipeline::Value;
using Direction = Core::RouteFacts::Direction;

namespace {

constexpr int64_t Minute = 60'000'000'000;

template <class Read>
class Fact : public Pipeline::Variable {
 public:
  explicit Fact(Read read) : _read(std::move(read)) {}
  Value read(Pipeline::Machine& machine) const override { return _read(machine.subject<Core::Request>()); }

 private:
  Read _read;
};

template <class Read>
Pipeline::VariableDeclaration fact(std::string name, std::string summary, Type type, Read read) {
  Pipeline::VariableDeclaration declaration;
  declaration.name = std::move(name);
  declaration.summary = std::move(summary);
  declaration.type = type;
  declaration.entries = {"request"};
  declaration.bind = [read](const Pipeline::VariableReference&, Pipeline::Binding&) { return std::make_unique<Fact<Read>>(read); };
  return declaration;
}

Value textOrAbsent(std::string_view text) {
  return text.empty() ? Value::absent() : Value::of(text);
}

Value directionOf(Core::Request& request) {
  if (request.route.direction == Direction::none) return Value::absent();
  return Value::of(std::string_view(request.route.direction == Direction::downstream ? "downstream" : "upstream"));
}

}  // namespace

void RrPlugin::describe(Bundle::Declaration& declaration) {
  declaration.settings = {{"valid", Type::duration, "How long after it was made a signature still vouches for its dialog.", false, "7d",
                           Minute, 365 * 24 * 60 * Minute}};
  declaration.metrics = {
      {"rr_recorded_total", "Requests that got our Record-Route."},
      {"rr_verified_total", "Requests in whose Route one of our signatures vouched for the dialog."},
      {"rr_unproved_total", "Requests in whose Route our signature was forged, too old, or another dialog's."},
  };
  describeActions(declaration);
  describeVariables(declaration);
}

void RrPlugin::describeActions(Bundle::Declaration& declaration) {
  Pipeline::ActionDeclaration record;
  record.name = "record_route";
  record.summary = "Puts our signed Record-Route on top, so that later requests of the dialog come this way; once a request.";
  record.parameters = {
      {"class", Type::text, "What rr.class says in later requests of the dialog: small letters, digits, '-' and '_', at most 32."}};
  record.parameters[0].constant = true;
  record.effects = Pipeline::edits;
  record.bind = [this](Pipeline::Binding& binding) {
    const std::string dialogClass(binding.text("class").constant());
    if (!Signature::isClass(dialogClass))
      binding.error("class '" + dialogClass + "' is none; allowed: at most 32 small letters, digits, '-' and '_'");
    return std::make_unique<RecordRoute>(_core, _signature, *_recorded, dialogClass, binding.flagIndex("rr.recorded").value_or(0));
  };
  Pipeline::ActionDeclaration loose;
  loose.name = "loose_route";
  loose.summary = "Takes our own values off the top of the Route and says by rr.verified whether we gave them for this dialog.";
  loose.predicate = true;
  loose.effects = Pipeline::edits;
  loose.yes = "a Route value of ours was taken away";
  loose.no = "the top Route is not ours, or there is none";
  loose.bind = [this](Pipeline::Binding& binding) {
    return std::make_unique<LooseRoute>(_common, binding.flagIndex("rr.taken").value_or(0));
  };
  declaration.actions.push_back(std::move(record));
  declaration.actions.push_back(std::move(loose));
}

void RrPlugin::describeVariables(Bundle::Declaration& declaration) {
  auto& all = declaration.variables;
  all.push_back(fact("rr.verified", "Whether the Route that loose_route took away was signed by us for this dialog.", Type::boolean,
                     [](Core::Request& request) { return Value::of(request.route.verified); }));
  all.push_back(fact("rr.class", "The class that record_route was given when the dialog began; absent unless verified.", Type::text,
                     [](Core::Request& request) { return textOrAbsent(request.route.dialogClass); }));
  all.push_back(fact("rr.direction", "downstream: from the one who began the dialog; upstream: to him; absent unless verified.", Type::text,
                     directionOf));
  all.push_back(fact("route.taken", "Whether loose_route took a Route value of ours away.", Type::boolean,
                     [](Core::Request& request) { return Value::of(request.route.taken); }));
  all.push_back(fact("route.next", "The URI of the first Route value that is left; absent when there is none.", Type::text,
                     [this](Core::Request& request) { return textOrAbsent(_core->nextRoute(request)); }));
}

void RrPlugin::configure(Bundle::Host& host) {
  _common.lifetime = std::chrono::duration_cast<std::chrono::minutes>(host.settings().duration("valid"));
  _common.verified = &host.counter("rr_verified_total");
  _common.unproved = &host.counter("rr_unproved_total");
  _recorded = &host.counter("rr_recorded_total");
}

void RrPlugin::bind(Bundle::Host& host) {
  _core = &host.services().find<Core::Service>();
  _common.core = _core;
  _common.transport = &host.services().find<Transport::Service>();
}

void RrPlugin::start() {
  _signature = Signature(_core->lastingKey());
}

}  // namespace Patchbay::Rr
