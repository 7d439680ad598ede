#include "Callers.h"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <thread>

#include <Poco/JSON/Stringifier.h>

#include "TestPaths.h"
#include "Traffic.h"
#include "patchbay/admin/Operations.h"
#include "patchbay/log/Setup.h"

namespace Patchbay::Testsuite {

using namespace std::chrono_literals;

void Callers::setUp() {
  Log::Settings log;
  log.level = Log::Level::fatal;  // rules log what they refuse
  Log::apply(log);
}

void Callers::tearDown() {
  world.reset();
  Log::apply(Log::Settings());
}

const std::vector<Callers::Shipped>& Callers::shipped() {
  static const std::vector<Shipped> all{{"conf/patchbay.xml", "192.0.2.1"},
                                        {"conf/examples/gateway-access.xml", "example.org"},
                                        {"conf/examples/domains.xml", "example.org"},
                                        {"conf/examples/accounting-ready.xml", "example.org"},
                                        {"conf/examples/logging.xml", "example.org"}};
  return all;
}

void Callers::start(const std::string& configuration, std::map<std::string, std::string> defines, std::vector<Scenario::Name> names,
                    bool database) {
  World::Settings settings;
  settings.configuration = sourceFolder() + "/" + configuration;
  settings.defines = std::move(defines);
  settings.defines.emplace("listen", "udp:192.0.2.1:5060, tcp:192.0.2.1:5060");
  settings.names = std::move(names);
  settings.database = database;
  world = std::make_unique<World>(settings);
  world->start();
}

int Callers::run(const std::string& name, const std::map<std::string, std::string>& arguments) {
  int status = 0;
  for (const auto& bundle : world->server().bundles())
    for (const auto& operation : bundle.declaration.operations)
      if (operation.name == name) std::thread([&] { status = operation.run(arguments).status; }).join();
  return status;
}

std::string Callers::tell(const Admin::Operation& operation, const std::map<std::string, std::string>& arguments) {
  std::map<std::string, std::string> fitting;
  for (const auto& parameter : operation.parameters)
    if (const auto found = arguments.find(parameter.name); found != arguments.end()) fitting.insert(*found);
  CPPUNIT_ASSERT_MESSAGE(operation.name, Admin::check(operation, fitting).empty());
  std::ostringstream text;
  std::thread([&] {
    try {
      Poco::JSON::Stringifier::stringify(operation.run(fitting).body, text);
    } catch (const Poco::Exception& exception) {
      text << exception.displayText();
    }
  }).join();
  return text.str();
}

void Callers::add(const std::string& user, const std::string& password) {
  CPPUNIT_ASSERT_EQUAL(201, run("add", {{"user", user}, {"password", password}}));
}

std::string Callers::octets(const Message& message) {
  const std::string number = std::to_string(++serial);
  std::vector<std::string> lines{message.method + " " + message.uri + " SIP/2.0",
                                 "Via: SIP/2.0/UDP 192.0.2.10;rport;branch=z9hG4bK" + number,
                                 "From: " + message.from + ";tag=" + number,
                                 "To: " + message.to,
                                 "Call-ID: c" + number,
                                 "CSeq: " + number + " " + message.method,
                                 "Max-Forwards: 70"};
  lines.insert(lines.end(), message.more.begin(), message.more.end());
  lines.push_back("Content-Length: " + std::to_string(message.body.size()));
  std::string text;
  for (const auto& line : withDigests(lines, captures)) text += line + "\r\n";
  return text + "\r\n" + message.body;
}

namespace {

/// To a refusal, so that it does not come again.
std::string ackTo(const std::string& reply) {
  std::string ack =
      "ACK sip:192.0.2.1 SIP/2.0\r\n" + headersOf(reply, {"Via", "From", "To", "Call-ID", "CSeq"}) + "Content-Length: 0\r\n\r\n";
  return ack.replace(ack.find(" INVITE\r\n"), 7, " ACK");
}

}  // namespace

std::vector<World::Sent> Callers::send(const std::string& octets, const Runtime::Endpoint& from, Runtime::Duration wait) {
  world->take();
  world->send(from, world->listener(), octets);
  world->runUntil(world->time() + wait);
  auto sent = world->take();
  for (const auto& one : sent) {
    const std::string& text = one.packet.octets;
    const auto at = text.find("nonce=\"");
    if (at != std::string::npos) captures["n"] = text.substr(at + 7, text.find('"', at + 7) - at - 7);
    if (text.rfind("SIP/2.0 ", 0) == 0 && statusOf(text) >= 300 && headersOf(text, {"CSeq"}).find(" INVITE") != std::string::npos)
      world->send(from, world->listener(), ackTo(text));
  }
  return sent;
}

std::string Callers::answer(const std::string& octets, const Runtime::Endpoint& from) {
  const auto sent = send(octets, from);
  CPPUNIT_ASSERT_EQUAL_MESSAGE(octets, size_t{1}, sent.size());
  CPPUNIT_ASSERT_EQUAL_MESSAGE(octets, from.toString(), sent[0].packet.to.toString());
  return sent[0].packet.octets;
}

int Callers::registers(const std::string& user, const std::string& domain, const std::string& password, const Runtime::Endpoint& from) {
  const std::string self = "<sip:" + user + "@" + domain + ">", contact = "Contact: <sip:" + user + "@" + from.toString() + ">";
  CPPUNIT_ASSERT_EQUAL(401, status({"REGISTER", "sip:" + domain, self, self, {contact}}, from));
  return status({"REGISTER", "sip:" + domain, self, self, {contact, proof("Authorization", user, domain, password, "sip:" + domain)}},
                from);
}

std::string Callers::proof(const std::string& header, const std::string& user, const std::string& domain, const std::string& password,
                           const std::string& uri, const std::string& more) {
  return header + ": {digest user=" + user + " realm=" + domain + " password=" + password + " nonce=n uri=" + uri + more + "}";
}

Runtime::Endpoint Callers::stranger() {
  const int number = ++serial;
  return at("198.51." + std::to_string(number / 250 % 250) + "." + std::to_string(number % 250 + 1) + ":5060");
}

Logged::Logged() : _before(::dup(STDERR_FILENO)) {
  const int file = ::open(_file.path().c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  ::dup2(file, STDERR_FILENO);
  ::close(file);
  Log::Settings all;
  all.level = Log::Level::trace;
  Log::apply(all);
}

Logged::~Logged() {
  Log::flush(10s);
  ::dup2(_before, STDERR_FILENO);
  ::close(_before);
  Log::apply(Log::Settings());
}

std::string Logged::text() {
  CPPUNIT_ASSERT(Log::flush(10s));
  std::ostringstream text;
  text << std::ifstream(_file.path(), std::ios::binary).rdbuf();
  return text.str();
}

size_t count(const std::string& text, const std::string& part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++found;
  return found;
}

}  // namespace Patchbay::Testsuite
