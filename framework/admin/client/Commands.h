#pragma once

#include <string>
#include <vector>

#include "Connection.h"

namespace Patchbay::Client {

/// What the command line says.
struct Line {
  Places places;
  std::vector<std::string> words;
  bool json = false, help = false, version = false;
};

/// Options stand before the verb or behind it; from "--" on all are words. Throws Failure.
Line readLine(int argc, char** argv);
/// The server's operation that the words name.
ExitCode operate(const Connection& connection, const Line& line);
/// /healthz, /readyz, /metrics.
ExitCode fixed(const Connection& connection, const std::string& path);
/// Shows figures of the server again and again, until interrupted or `count` times.
ExitCode moni(const Connection& connection, const std::vector<std::string>& words);
/// The usage, with the server's verbs when it answers; of one verb when words name it.
ExitCode help(const Connection& connection, const std::vector<std::string>& words);
/// The database's tables, by the program `patchbay` beside this one, which knows them without a server that runs: init, status, upgrade.
/// Returns only when that cannot be started.
ExitCode database(const std::vector<std::string>& words);
/// A script for bash, and what it calls: the words that may stand next.
ExitCode completion(const std::vector<std::string>& words);
ExitCode complete(const Connection& connection, const std::vector<std::string>& words);

}  // namespace Patchbay::Client
