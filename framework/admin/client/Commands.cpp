#include "Commands.h"

#include <iostream>

#include "Table.h"
#include "Verbs.h"

namespace Patchbay::Client {

namespace {

/// The option's value when it has this name.
bool take(const std::string& word, const std::string& name, std::string& value) {
  if (!word.starts_with(name + "=")) return false;
  value = word.substr(name.size() + 1);
  return true;
}

bool takeOption(const std::string& word, Line& line) {
  if (word == "--json") return line.json = true;
  if (word == "--help" || word == "-h") return line.help = true;
  if (word == "--version") return line.version = true;
  auto& places = line.places;
  return take(word, "--admin", places.admin) || take(word, "--token", places.token) || take(word, "--token-file", places.tokenFile) ||
         take(word, "--data", places.data);
}

}  // namespace

Line readLine(int argc, char** argv) {
  Line line;
  bool options = true;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (options && word == "--complete")
      options = false;  // what follows is an unfinished line
    else if (options && word == "--") {
      options = false;
      continue;
    } else if (options && takeOption(word, line)) {
      continue;
    } else if (options && line.words.empty() && word.starts_with("-")) {
      throw Failure{wrongUse, "unknown option '" + word +
                                  "'; allowed: --admin=URL, --token=TOKEN, --token-file=FILE, --data=FOLDER, --json, --help, --version"};
    }
    line.words.push_back(word);
  }
  return line;
}

ExitCode operate(const Connection& connection, const Line& line) {
  const Verbs verbs(connection);
  auto words = line.words;
  const Verb& verb = verbs.find(words);
  Arguments arguments = argumentsOf(verb, words);
  completeArguments(verb, arguments);
  const Call call = callOf(verb, arguments);
  const Response response = connection.operate(verb.method, call.path, call.body);
  if (line.json)
    std::cout << response.text;
  else
    print(std::cout, response.json(), verb.columns);
  return good;
}

ExitCode fixed(const Connection& connection, const std::string& path) {
  const Response response = connection.ask("GET", path);
  std::cout << response.text;
  return response.status == 200 ? good : refused;
}

}  // namespace Patchbay::Client
