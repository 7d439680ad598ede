#include "Actions.h"

namespace Patchbay::Sl {

using Pipeline::ActionDeclaration;
using Pipeline::Binding;
using Pipeline::IntegerArgument;
using Pipeline::Machine;
using Pipeline::TextArgument;
using Pipeline::Type;
using Pipeline::Verdict;

namespace {

/// sl_send_reply: any reply, with Retry-After when asked, with the destination set as Contacts for a 3xx (RFC 3261, 8.3).
class SendReply : public Pipeline::Action {
 public:
  SendReply(SlPlugin& plugin, Binding& binding)
      : _plugin(plugin), _code(binding.integer("code")), _reason(binding.text("reason")), _retryAfter(binding.integer("retry_after")) {}

  Verdict run(Machine& machine) override {
    auto& request = machine.subject<Core::Request>();
    const auto code = _code.get(machine), retry = _retryAfter.get(machine);
    if (!code || !retry) return machine.fail("the reply's code or Retry-After is no number of its range");
    Core::Reply reply;
    reply.code = static_cast<int>(*code);
    reply.reason = _reason.get(machine);
    if (!Parser::isHeaderSafe(reply.reason)) return machine.fail("the reason holds control characters");
    reply.lines = lines(request, reply.code, *retry);
    _plugin.core().answer(request, reply);
    return reply.code >= 200 ? Verdict::settled : Verdict::yes;
  }

 private:
  static std::string_view lines(Core::Request& request, int code, int64_t retry) {
    if (retry == 0 && code / 100 != 3) return {};
    size_t room = 64;
    if (code / 100 == 3)
      for (const auto& destination : request.destinations.all()) room += destination.uri.size() + 32;
    Parser::Writer out(request.keepRoom(room), room);
    if (code / 100 == 3)
      for (const auto& destination : request.destinations.all()) writeContact(destination, out);
    if (retry > 0) out.raw("Retry-After: ").number(static_cast<uint64_t>(retry)).raw("\r\n");
    return out.ok() ? out.written() : std::string_view();
  }

  static void writeContact(const Core::Destination& destination, Parser::Writer& out) {
    out.raw("Contact: <").text(destination.uri).raw(">");
    if (destination.q <= 1000) {
      const char digits[4] = {static_cast<char>('0' + destination.q / 100 % 10), static_cast<char>('0' + destination.q / 10 % 10),
                              static_cast<char>('0' + destination.q % 10), 0};
      out.raw(";q=").raw(destination.q == 1000 ? "1." : "0.").raw(digits);
    }
    out.raw("\r\n");
  }

  SlPlugin& _plugin;
  IntegerArgument _code;
  TextArgument _reason;
  IntegerArgument _retryAfter;
};

class ReplyError : public Pipeline::Action {
 public:
  explicit ReplyError(SlPlugin& plugin) : _plugin(plugin) {}
  Verdict run(Machine& machine) override {
    _plugin.core().answer(machine.subject<Core::Request>(), {.code = 500, .reason = "I'm terribly sorry, server error occurred"});
    return Verdict::settled;
  }

 private:
  SlPlugin& _plugin;
};

class Forward : public Pipeline::Action {
 public:
  Forward(SlPlugin& plugin, Binding& binding) : _plugin(plugin), _to(binding.text("to")), _predicate(binding.asPredicate()) {}

  Verdict run(Machine& machine) override {
    auto& request = machine.subject<Core::Request>();
    if (Core::refuseProxyRequire(_plugin.core(), request)) return Verdict::settled;
    const auto to = _to.get(machine);
    if (!to.empty()) {
      if (!Parser::Uri::parse(to)) return machine.fail("forward's 'to' is no SIP URI");
      request.destinations.main().nextHop = request.keep(to);
    }
    switch (_plugin.forwarder().forward(request, machine, _predicate)) {
      case Forwarder::Sent::pending:
        return Verdict::suspended;
      case Forwarder::Sent::yes:
      case Forwarder::Sent::refused:
        return Verdict::settled;
      case Forwarder::Sent::no:
        break;
    }
    if (_predicate) return Verdict::no;
    _plugin.core().answer(request, {.code = 478});
    return Verdict::settled;
  }

 private:
  SlPlugin& _plugin;
  TextArgument _to;
  bool _predicate;
};

}  // namespace

ActionDeclaration sendReplyAction(SlPlugin& plugin) {
  ActionDeclaration action;
  action.name = "sl_send_reply";
  action.summary = "Answers the request. A 3xx lists the destination set as Contacts. An ACK is never answered, but dropped and counted.";
  Pipeline::Parameter code{"code", Type::integer, "The status.", true};
  code.least = 200;
  code.most = 699;
  Pipeline::Parameter reason{"reason", Type::text, "The phrase; the status's usual one when not given.", false, ""};
  Pipeline::Parameter retry{"retry_after", Type::integer, "Seconds for a Retry-After header; 0: none.", false, "0"};
  retry.least = 0;
  retry.most = 86400;
  action.parameters = {code, reason, retry};
  action.entries = {"request", "failure"};  // there through the transaction
  action.settles = true;
  action.effects = Pipeline::answers;
  action.bind = [&plugin](Binding& binding) { return std::make_unique<SendReply>(plugin, binding); };
  return action;
}

ActionDeclaration replyErrorAction(SlPlugin& plugin) {
  ActionDeclaration action;
  action.name = "sl_reply_error";
  action.summary = "Answers 500 for something that went wrong here.";
  action.settles = true;
  action.effects = Pipeline::answers;
  action.bind = [&plugin](Binding&) { return std::make_unique<ReplyError>(plugin); };
  return action;
}

ActionDeclaration forwardAction(SlPlugin& plugin) {
  ActionDeclaration action;
  action.name = "forward";
  action.summary = "Sends the request on without a transaction: to the first destination only, and success only means that it was sent.";
  action.parameters = {{"to", Type::text, "A SIP URI to send to instead of following Route and Request-URI.", false, ""}};
  action.predicate = true;
  action.settles = true;
  action.settlesAsPredicate = true;
  action.suspends = true;
  action.effects = Pipeline::sends | Pipeline::edits;
  action.yes = "it was sent";
  action.no = "nothing was sent: no such destination";
  action.bind = [&plugin](Binding& binding) { return std::make_unique<Forward>(plugin, binding); };
  return action;
}

}  // namespace Patchbay::Sl
