#include <functional>

#include "CorePlugin.h"

namespace Patchbay::Core {

using Pipeline::Binding;
using Pipeline::Machine;
using Pipeline::TextArgument;
using Pipeline::Type;
using Pipeline::Verdict;

namespace {

/// The parts of a SIP URI that rules change; all else stays as it is.
struct Parts {
  std::string_view user, password, host;
  std::string_view port;  ///< with its colon; empty: none
};

Parts partsOf(const Parser::Uri& uri) {
  const auto hostPort = uri.hostPort();
  return {uri.user, uri.password, uri.host, hostPort.substr(uri.host.size())};
}

bool compose(Request& request, const Parser::Uri& uri, const Parts& parts) {
  const size_t room = uri.text.size() + parts.user.size() + parts.password.size() + parts.host.size() + parts.port.size() + 8;
  Parser::Writer out(request.keepRoom(room), room);
  out.raw(uri.schemeText).raw(":");
  if (!parts.user.empty()) {
    out.text(parts.user);
    if (!parts.password.empty()) out.raw(":").text(parts.password);
    out.raw("@");
  }
  out.text(parts.host).text(parts.port);
  if (!uri.parameters.empty()) out.raw(";").raw(uri.parameters);
  if (!uri.headers.empty()) out.raw("?").raw(uri.headers);
  return out.ok() && request.setUri(out.written());
}

/// Changes parts of the current Request-URI. `Change` is a static function: bool(Machine&, Request&, Parts&, text); false when the text
/// does not fit.
using Change = bool (*)(Request&, Parts&, std::string_view);

class RewriteParts : public Pipeline::Action {
 public:
  RewriteParts(Change change, TextArgument text) : _change(change), _text(std::move(text)) {}
  Verdict run(Machine& machine) override {
    auto& request = machine.subject<Request>();
    const auto* uri = request.uri();
    if (!uri || !uri->isSip()) return machine.fail("the Request-URI is no sip or sips URI, so it has no user, host or port to rewrite");
    auto parts = partsOf(*uri);
    if (!_change(request, parts, _text.get(machine)) || !compose(request, *uri, parts))
      return machine.fail("the new text does not give a SIP URI");
    return Verdict::yes;
  }

 private:
  Change _change;
  TextArgument _text;
};

bool joined(Request& request, std::string_view first, std::string_view second, std::string_view& out) {
  char* room = request.keepRoom(first.size() + second.size());
  Parser::Writer writer(room, first.size() + second.size());
  writer.text(first).text(second);
  out = writer.written();
  return writer.ok();
}

bool rewriteHost(Request&, Parts& parts, std::string_view text) {
  parts.host = text;
  return !text.empty();
}
bool rewriteHostPort(Request&, Parts& parts, std::string_view text) {
  parts.host = text;
  parts.port = {};
  return !text.empty();
}
bool rewriteUser(Request&, Parts& parts, std::string_view text) {
  parts.user = text;
  return true;
}
bool rewriteUserPass(Request&, Parts& parts, std::string_view text) {
  const auto colon = text.find(':');
  parts.user = text.substr(0, colon);
  parts.password = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  return true;
}
bool rewritePort(Request& request, Parts& parts, std::string_view text) {
  if (text.empty()) return parts.port = {}, true;
  return joined(request, ":", text, parts.port);
}
bool prefixUser(Request& request, Parts& parts, std::string_view text) {
  return joined(request, text, parts.user, parts.user);
}
/// An escape is one character, as it is in uri.user: `%30123` without its first is `123`, not `30123`.
bool stripUser(Request&, Parts& parts, std::string_view text) {
  for (auto count = Pipeline::parseInteger(text).value_or(0); count > 0 && !parts.user.empty(); --count)
    parts.user.remove_prefix(parts.user.front() == '%' ? 3 : 1);
  return true;
}
bool stripUserTail(Request&, Parts& parts, std::string_view text) {
  for (auto count = Pipeline::parseInteger(text).value_or(0); count > 0 && !parts.user.empty(); --count) {
    const size_t size = parts.user.size();
    parts.user.remove_suffix(size >= 3 && parts.user[size - 3] == '%' ? 3 : 1);
  }
  return true;
}

class RewriteUri : public Pipeline::Action {
 public:
  explicit RewriteUri(TextArgument uri) : _uri(std::move(uri)) {}
  Verdict run(Machine& machine) override {
    return machine.subject<Request>().setUri(_uri.get(machine)) ? Verdict::yes : machine.fail("the text is no URI");
  }

 private:
  TextArgument _uri;
};

class RevertUri : public Pipeline::Action {
 public:
  Verdict run(Machine& machine) override {
    machine.subject<Request>().revertUri();
    return Verdict::yes;
  }
};

class AppendBranch : public Pipeline::Action {
 public:
  AppendBranch(TextArgument uri, Pipeline::IntegerArgument q) : _uri(std::move(uri)), _q(std::move(q)) {}
  Verdict run(Machine& machine) override {
    auto& request = machine.subject<Request>();
    auto uri = _uri.get(machine);
    if (uri.empty()) uri = request.destinations.main().uri;
    if (!Parser::Uri::parse(uri)) return machine.fail("the text is no URI");
    Destination destination;
    destination.uri = request.keep(uri);
    destination.q = static_cast<uint16_t>(_q.get(machine).value_or(1000));
    return request.destinations.add(destination) ? Verdict::yes : Verdict::no;
  }

 private:
  TextArgument _uri;
  Pipeline::IntegerArgument _q;
};

/// Where there is a Request-URI to change.
std::vector<std::string> onTargets() {
  return {"request", "branch", "failure"};
}

void declareRewrite(Bundle::Declaration& declaration, std::string name, std::string summary, Pipeline::Parameter parameter, Change change) {
  Pipeline::ActionDeclaration action;
  action.name = std::move(name);
  action.summary = std::move(summary);
  const std::string argument = parameter.name;
  action.parameters = {std::move(parameter)};
  action.entries = onTargets();
  action.effects = Pipeline::edits;
  action.bind = [change, argument](Binding& binding) { return std::make_unique<RewriteParts>(change, binding.text(argument)); };
  declaration.actions.push_back(std::move(action));
}

Pipeline::Parameter required(std::string name, Type type, std::string summary) {
  Pipeline::Parameter parameter;
  parameter.name = std::move(name);
  parameter.type = type;
  parameter.summary = std::move(summary);
  parameter.required = true;
  return parameter;
}

Pipeline::Parameter count() {
  auto parameter = required("count", Type::integer, "How many characters.");
  parameter.least = 0;
  parameter.most = 255;
  return parameter;
}

void declareWhole(Bundle::Declaration& declaration) {
  Pipeline::ActionDeclaration rewrite;
  rewrite.name = "rewriteuri";
  rewrite.summary = "Replaces the Request-URI.";
  rewrite.parameters = {required("uri", Type::text, "The new URI.")};
  rewrite.entries = onTargets();
  rewrite.effects = Pipeline::edits;
  rewrite.bind = [](Binding& binding) { return std::make_unique<RewriteUri>(binding.text("uri")); };
  Pipeline::ActionDeclaration revert;
  revert.name = "revert_uri";
  revert.summary = "Puts the Request-URI back to what was received.";
  revert.entries = onTargets();
  revert.effects = Pipeline::edits;
  revert.bind = [](Binding&) { return std::make_unique<RevertUri>(); };
  Pipeline::ActionDeclaration append;
  append.name = "append_branch";
  append.summary =
      "Adds a destination, to which t_relay forks and which a 300 reply lists. There may be 12: above that the one with the lowest q is "
      "left "
      "out.";
  Pipeline::Parameter uri{"uri", Type::text, "Its URI; the current Request-URI when not given."};
  Pipeline::Parameter q{"q", Type::integer, "Its preference in thousandths.", false, "1000", 0, 1000};
  append.parameters = {uri, q};
  append.entries = {"request", "failure"};
  append.effects = Pipeline::edits;
  append.no = "there are 12 destinations already, none with a lower q";
  append.bind = [](Binding& binding) { return std::make_unique<AppendBranch>(binding.text("uri"), binding.integer("q")); };
  for (auto* action : {&rewrite, &revert, &append}) declaration.actions.push_back(std::move(*action));
}

}  // namespace

void declareUriActions(Bundle::Declaration& declaration) {
  declareWhole(declaration);
  declareRewrite(declaration, "rewritehost", "Replaces the host of the Request-URI; the port stays.",
                 required("host", Type::text, "The new host."), rewriteHost);
  declareRewrite(declaration, "rewritehostport", "Replaces host and port of the Request-URI.",
                 required("hostport", Type::text, "host or host:port."), rewriteHostPort);
  declareRewrite(declaration, "rewriteuser", "Replaces the user part of the Request-URI; empty takes it away.",
                 required("user", Type::text, "The new user part, escaped as URIs need it."), rewriteUser);
  declareRewrite(declaration, "rewriteuserpass", "Replaces user part and password of the Request-URI.",
                 required("userpass", Type::text, "user:password."), rewriteUserPass);
  declareRewrite(declaration, "rewriteport", "Replaces the port of the Request-URI; empty takes it away.",
                 required("port", Type::text, "The new port."), rewritePort);
  declareRewrite(declaration, "prefix", "Puts text before the user part of the Request-URI.",
                 required("text", Type::text, "What is put before it."), prefixUser);
  declareRewrite(declaration, "strip", "Takes characters from the beginning of the user part of the Request-URI.", count(), stripUser);
  declareRewrite(declaration, "strip_tail", "Takes characters from the end of the user part of the Request-URI.", count(), stripUserTail);
}

}  // namespace Patchbay::Core
