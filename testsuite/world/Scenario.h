#pragma once

#include <map>
#include <string>
#include <vector>

#include "FakeStreams.h"
#include "patchbay/resolver/Resolver.h"
#include "patchbay/runtime/Clock.h"
#include "patchbay/runtime/Endpoint.h"

namespace Patchbay::Testsuite {

/// One line of a scenario file that does or expects something.
struct Statement {
  enum class Kind { send, receive, metric, restart, close, reset, closed, operation, database, log };
  Kind kind;
  int line = 0;
  Runtime::Duration at{};            ///< since the scenario began
  std::string peer;                  ///< who sends or receives
  std::string server;                ///< endpoint or "" for the first listener
  Runtime::Duration waited{};        ///< of what is sent by UDP: in the server's receive queue
  std::vector<std::string> message;  ///< its lines; may hold {placeholders}
  std::string metric;                ///< name, with labels in braces when given
  double value = 0;                  ///< of a metric; an operation's status; how many lines of the log
  std::string operation;             ///< its name; what becomes of the database; what lines of the log hold
  std::map<std::string, std::string> arguments;
  std::string configuration;  ///< of a restart: with this one from now on; empty: with the same
};

/// A scenario file, read. See testsuite/scenarios/README.md for the form.
struct Scenario {
  std::string path;
  std::string title;
  std::string configuration;  ///< path; empty: testsuite/open/patchbay.xml
  std::map<std::string, std::string> defines;
  std::vector<std::string> bundles;  ///< test bundles to load besides
  struct Peer {
    Runtime::Endpoint endpoint;
    bool stream = false;                                        ///< TCP
    FakeStreams::Answer answer = FakeStreams::Answer::accepts;  ///< to a server that connects
    size_t chunk = SIZE_MAX;                                    ///< octets that it sends at a time
  };
  std::map<std::string, Peer> peers;
  /// One record of DNS, or that a name is treated in some way.
  struct Name {
    enum class Kind { none, silent, broken, alias, record };
    std::string name = {};
    Kind kind = Kind::record;
    Resolver::NameServer::Type type = Resolver::NameServer::Type::a;  ///< of a record
    Resolver::NameServer::Record record = {};                         ///< its target is what an alias means
    Runtime::Duration delay{};
    std::chrono::seconds ttl{60};
    Runtime::Duration from{}, until = Runtime::Duration::max();  ///< when it counts, since the beginning
  };
  std::vector<Name> names;
  std::map<Runtime::IpAddress, Runtime::IpAddress> routes;  ///< targets, and the source that the machine has for them
  std::vector<Statement> statements;
  Runtime::Duration end{};  ///< the world runs on until then; unset: 70 s behind the last statement

  /// Throws Poco::SyntaxException with file and line.
  static Scenario read(const std::string& path);
};

}  // namespace Patchbay::Testsuite
