#include <iostream>

#include <Poco/Exception.h>

#include "Commands.h"
#include "patchbay/bundle/Loader.h"

using namespace Patchbay::Client;

namespace {

ExitCode run(const Line& line) {
  if (line.version) {
    std::cout << "patchctl " << Patchbay::Bundle::version() << '\n';
    return good;
  }
  const Connection connection(findTarget(withEnvironment(line.places)));
  const std::string verb = line.words.empty() ? "" : line.words.front();
  const std::vector<std::string> rest(line.words.begin() + !line.words.empty(), line.words.end());
  if (verb == "help" || line.help) return help(connection, line.help ? line.words : rest);
  if (verb.empty()) return help(connection, {}), wrongUse;
  if (verb == "health") return fixed(connection, "/healthz");
  if (verb == "ready") return fixed(connection, "/readyz");
  if (verb == "metrics") return fixed(connection, "/metrics");
  if (verb == "moni" || verb == "monitor" || verb == "console" || verb == "con") return moni(connection, rest);  // as serctl took it
  if (verb == "db") return database(rest);
  if (verb == "completion") return completion(rest);
  if (verb == "--complete") return complete(connection, rest);
  return operate(connection, line);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(readLine(argc, argv));
  } catch (const Failure& failure) {
    std::cerr << "patchctl: " << failure.text << '\n';
    return failure.code;
  } catch (const Poco::Exception& error) {
    std::cerr << "patchctl: " << error.displayText() << '\n';
    return wrongUse;
  }
}
