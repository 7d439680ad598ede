#pragma once

#include <cppunit/extensions/HelperMacros.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <Poco/TemporaryFile.h>

#include "DigestAnswer.h"
#include "World.h"

namespace Patchbay::Testsuite {

/// Tests that send many requests in a loop to the whole server: users, strangers, and what comes back to whom.
class Callers : public CppUnit::TestFixture {
 public:
  void setUp() override;
  void tearDown() override;

 protected:
  /// A request; what is empty is filled in, Via, Call-ID and CSeq are new each time.
  struct Message {
    std::string method, uri, from, to;
    std::vector<std::string> more = {};  ///< further lines, `{digest ...}` put in
    std::string body = {};
  };
  struct Shipped {
    std::string file, domain;
  };
  using Texts = std::vector<std::string>;

  /// The configurations that people start from and that ask for passwords, with the domain that they serve.
  static const std::vector<Shipped>& shipped();
  /// Configuration by its path in the source tree; shipped ones listen on 192.0.2.1.
  void start(const std::string& configuration, std::map<std::string, std::string> defines = {}, std::vector<Scenario::Name> names = {},
             bool database = false);
  void start(const Shipped& configuration) { start(configuration.file); }
  /// What an operator does; its status.
  int run(const std::string& name, const std::map<std::string, std::string>& arguments);
  /// What he is told, with those of the arguments that it takes.
  std::string tell(const Admin::Operation& operation, const std::map<std::string, std::string>& arguments);
  void add(const std::string& user, const std::string& password);

  std::string octets(const Message& message);
  /// Everything that the server sends within `wait` of this, to whomever; the nonce that is in it is captured as `n`.
  std::vector<World::Sent> send(const std::string& octets, const Runtime::Endpoint& from,
                                Runtime::Duration wait = std::chrono::milliseconds(100));
  /// The one answer, which goes to where the request came from; anything else fails the test.
  std::string answer(const std::string& octets, const Runtime::Endpoint& from);
  int status(const Message& message, const Runtime::Endpoint& from) { return statusOf(answer(octets(message), from)); }
  static int statusOf(const std::string& reply) { return reply.size() < 11 ? 0 : std::stoi(reply.substr(8, 3)); }
  /// Gets a challenge for him and registers his contact at `from`; the status.
  int registers(const std::string& user, const std::string& domain, const std::string& password, const Runtime::Endpoint& from);
  /// With credentials for the nonce that was captured last.
  static std::string proof(const std::string& header, const std::string& user, const std::string& domain, const std::string& password,
                           const std::string& uri, const std::string& more = "");
  static Runtime::Endpoint at(const std::string& text) { return *Runtime::Endpoint::parse(text); }
  /// Another address each time, so that nobody is banned.
  Runtime::Endpoint stranger();

  std::unique_ptr<World> world;
  Captures captures;
  int serial = 1000;
};

/// What is logged while it lives, everything, by a file.
class Logged {
 public:
  Logged();
  ~Logged();
  std::string text();

 private:
  Poco::TemporaryFile _file;
  int _before;
};

size_t count(const std::string& text, const std::string& part);

}  // namespace Patchbay::Testsuite
