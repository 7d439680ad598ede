#pragma once

#include <map>
#include <string>
#include <vector>

#include "Connection.h"

namespace Patchbay::Client {

/// An operation of the server, as a verb: "ul.show" is `ul show`.
struct Verb {
  struct Parameter {
    std::string name, type, summary, fallback;
    bool required = false, secret = false, file = false;
    std::vector<std::string> choices;
  };
  std::string verb, summary, method, path, role;
  std::vector<Parameter> parameters;
  std::vector<std::string> columns;

  /// "ul show USER [TABLE]"
  std::string usage() const;
  const Parameter* parameter(const std::string& name) const;
};

class Verbs {
 public:
  /// Asks the server for them.
  explicit Verbs(const Connection& connection);
  const std::vector<Verb>& all() const { return _all; }
  /// The one with the most words that stands at the beginning; those words are taken away. Throws Failure with what is near.
  const Verb& find(std::vector<std::string>& words) const;

 private:
  std::vector<Verb> _all;
};

using Arguments = std::map<std::string, std::string>;
/// The words after the verb, in the order of its parameters; `name=value` and `--name=value` name one. Throws Failure.
Arguments argumentsOf(const Verb& verb, const std::vector<std::string>& words);
/// Secrets that are missing or "-", from the terminal without echo or from standard input; files, read.
void completeArguments(const Verb& verb, Arguments& arguments);
/// What goes into the URI behind /api/v1, and the JSON body ("" for GET).
struct Call {
  std::string path, body;
};
Call callOf(const Verb& verb, const Arguments& arguments);

}  // namespace Patchbay::Client
