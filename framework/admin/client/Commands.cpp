#include "Commands.h"

#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <iostream>
#include <system_error>

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
         take(word, "--ca", places.ca) || take(word, "--data", places.data);
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
      throw Failure{wrongUse,
                    "unknown option '" + word +
                        "'; allowed: --admin=URL, --token=TOKEN, --token-file=FILE, --data=FOLDER, --ca=FILE, --json, --help, --version"};
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
  else if (!response.text.empty())
    print(std::cout, response.json(), verb.columns);
  return good;
}

ExitCode database(const std::vector<std::string>& words) {
  const std::string verb = words.empty() ? "" : words.front();
  if (verb != "init" && verb != "status" && verb != "upgrade")
    throw Failure{wrongUse, "usage: patchctl db init|status|upgrade [--config=FILE] [--define=NAME=VALUE]..."};
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error).parent_path() / "patchbay";
  std::vector<std::string> texts{program.string(), "--db=" + verb};
  texts.insert(texts.end(), words.begin() + 1, words.end());
  std::vector<char*> arguments;
  for (auto& text : texts) arguments.push_back(text.data());
  arguments.push_back(nullptr);
  ::execv(program.c_str(), arguments.data());
  throw Failure{unreachable, program.string() + " cannot be started: " + std::generic_category().message(errno)};
}

ExitCode fixed(const Connection& connection, const std::string& path) {
  const Response response = connection.ask("GET", path);
  std::cout << response.text;
  return response.status == 200 ? good : refused;
}

}  // namespace Patchbay::Client
