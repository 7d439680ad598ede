#include "ExplainPlugin.h"

#include <Poco/Exception.h>

#include "patchbay/parser/Writer.h"

namespace Patchbay::Explain {

namespace {

using Admin::Answer;
using Admin::Arguments;
using Pipeline::Type;

constexpr auto Deadline = std::chrono::seconds(15);

/// As it must be on the wire: files of editors end their lines with LF.
std::string withLineEnds(const std::string& text) {
  if (text.find("\r\n") != std::string::npos) return text;
  std::string out;
  for (const char c : text) out += c == '\n' ? std::string("\r\n") : std::string(1, c);
  if (out.find("\r\n\r\n") == std::string::npos) out += out.ends_with("\r\n") ? "\r\n" : "\r\n\r\n";
  return out;
}

std::string uriOf(const Arguments& arguments, const char* name, const std::string& fallback) {
  const std::string text = Admin::argument(arguments, name).value_or(fallback);
  if (!Parser::isHeaderSafe(text)) throw Poco::InvalidArgumentException(std::string(name) + " holds control characters");
  return text.find(':') == std::string::npos ? "sip:" + text : text;
}

}  // namespace

void ExplainPlugin::describe(Bundle::Declaration& declaration) {
  declaration.settings = {
      {"trails", Type::integer,
       "How many of the latest requests are remembered, all workers together; about 1.1 KiB each, taken when needed. 0: "
       "none.",
       false, "16384", 0, 10'000'000}};
  declaration.operations = _trails.all();
  declaration.operations.push_back(explainOperation());
}

void ExplainPlugin::configure(Bundle::Host& host) {
  _host = &host;
  auto& environment = host.environment();
  _recorder.configure(environment.workers.count(), static_cast<size_t>(host.settings().integer("trails")), environment.random.next());
}

void ExplainPlugin::bind(Bundle::Host& host) {
  _means.core = &host.services().find<Core::Service>();
  _means.resolver = &host.services().find<Resolver::Service>();
  _transport = &host.services().find<Transport::Service>();
  if (!_recorder.trails().enabled()) return;
  _means.core->use(static_cast<Core::RequestObserver&>(_recorder));
  host.services().find<Tm::Service>().add(_recorder);
}

Transport::Flow ExplainPlugin::flowOf(const Arguments& arguments) const {
  const auto listeners = _transport->listeners();
  if (listeners.empty()) throw Poco::ExistsException("the server listens on nothing");
  const auto source = Runtime::Endpoint::parse(arguments.at("source"));
  if (!source)
    throw Poco::InvalidArgumentException("source: '" + arguments.at("source") + "' is not an address and port such as 192.0.2.1:5060");
  const auto wanted = Admin::argument(arguments, "listener");
  for (const auto& listener : listeners)
    if (!wanted || listener.text == *wanted) return {&listener, *source};
  std::string all;
  for (const auto& listener : listeners) all += (all.empty() ? "" : ", ") + listener.text;
  throw Poco::InvalidArgumentException("listener: '" + *wanted + "' is none of " + all);
}

std::string ExplainPlugin::messageOf(const Arguments& arguments, const Transport::Flow& flow) const {
  if (const auto message = Admin::argument(arguments, "message")) return withLineEnds(*message);
  if (!arguments.count("uri")) throw Poco::InvalidArgumentException("give a message, or at least the uri of a request");
  const std::string uri = uriOf(arguments, "uri", ""), method = arguments.at("method");
  const std::string from = uriOf(arguments, "from", "sip:explain@" + flow.listener->host), to = uriOf(arguments, "to", uri);
  if (!Parser::isToken(method)) throw Poco::InvalidArgumentException("method: '" + method + "' is no method");
  const std::string peer = flow.peer.toString();
  return method + " " + uri + " SIP/2.0\r\nVia: SIP/2.0/" + std::string(Transport::viaNameOf(flow.protocol())) + " " + peer +
         ";branch=z9hG4bK-explain;rport\r\nMax-Forwards: 70\r\nFrom: <" + from + ">;tag=explain\r\nTo: <" + to +
         ">\r\nCall-ID: explain\r\nCSeq: 1 " + method + "\r\nContact: <sip:explain@" + peer + ">\r\nContent-Length: 0\r\n\r\n";
}

Answer ExplainPlugin::explain(const Arguments& arguments) {
  const auto flow = flowOf(arguments);
  const std::string message = messageOf(arguments, flow);
  const Runtime::Reply<Poco::JSON::Object> reply;
  auto& worker = _host->environment().workers.at(0);
  const auto run = [means = _means, reply, message, flow] { means.core->rehearse(message, flow, *new Explanation(means, reply)); };
  if (Runtime::Worker::current() == &worker)
    run();
  else
    worker.post(run);
  auto out = reply.wait(Deadline);
  if (!out) return Admin::refusal(504, "the rules wait for something that does not come within 15 s");
  return {200, *out};
}

Admin::Operation ExplainPlugin::explainOperation() {
  return {.name = "explain",
          .summary = "Runs a message dry against the rules and data in force and prints each step. Nothing is sent, answered or changed.",
          .method = "POST",
          .path = "/explain",
          .parameters = {{"message", Type::text, "the SIP message; without it one is made of what follows"},
                         {"uri", Type::text, "the Request-URI"},
                         {"from", Type::text, "who calls"},
                         {"to", Type::text, "To; without it the Request-URI"},
                         {"method", Type::text, "the method", false, "INVITE"},
                         {"source", Type::text, "the address and port that it comes from", false, "127.0.0.1:5060"},
                         {"listener", Type::text, "the listener that it comes by, such as udp:192.0.2.1:5060; without it the first"}},
          .role = Admin::Role::operate,
          .run = [this](const Arguments& arguments) { return explain(arguments); },
          .files = {"message"},
          .columns = {"ending", "error", "steps", "place", "rule", "step", "values", "result", "us", "targets", "uri", "q", "next_hop",
                      "addresses"}};
}

}  // namespace Patchbay::Explain
