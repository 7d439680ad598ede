#include <algorithm>
#include <iostream>

#include "Commands.h"
#include "Verbs.h"

namespace Patchbay::Client {

namespace {

const char* const Head = R"HELP(usage: patchctl [OPTION]... VERB [ARGUMENT]...

  An argument may also be given by its name: expires=1h or --expires=1h.

  --admin=URL         the server's <admin listen=""/>; else $PATCHBAY_ADMIN, else as a server of this machine says in its data folder
  --token=TOKEN       who you are; else --token-file=FILE, $PATCHBAY_TOKEN, or admin.token of the data folder
  --ca=FILE           who may vouch for an https server (PEM); else $PATCHBAY_CA, the certificate that a server of this machine has left in its
                      data folder, or whom the system trusts
  --data=FOLDER       the server's data folder; else $PATCHBAY_DATA, else the usual places
  --json              the server's answer as it is
  --version, --help

verbs of patchctl itself:
  health              is the server alive?
  ready               does it take traffic, and which part does not? (exit code 1 when not ready)
  metrics             all counters and gauges, as Prometheus reads them
  moni [COUNT]        the most important figures, refreshed every 2 seconds ($WATCH_PERIOD)
  db VERB [OPTION]... the database's tables: status, init, upgrade; runs patchbay --db=VERB, also without a server (--config=FILE)
  completion bash     completion for a shell: eval "$(patchctl completion bash)"
  help [VERB]         this, or what a verb takes
)HELP";

const char* const Foot = R"(
exit codes: 0 good, 1 refused or not ready, 64 wrong use, 69 the server cannot be reached, 70 a fault of the server's, 77 not allowed
)";

void list(const Verbs& verbs) {
  auto all = verbs.all();
  std::sort(all.begin(), all.end(), [](const Verb& a, const Verb& b) { return a.verb < b.verb; });
  std::cout << "\nverbs of the server:\n";
  for (const auto& verb : all) {
    const std::string usage = verb.usage();
    std::cout << "  " << usage << (usage.size() < 19 ? std::string(20 - usage.size(), ' ') : "\n" + std::string(22, ' ')) << verb.summary
              << '\n';
  }
}

void describe(const Verb& verb) {
  std::cout << "usage: patchctl " << verb.usage() << "\n\n" << verb.summary << " Needs the role " << verb.role << ".\n";
  if (!verb.parameters.empty()) std::cout << '\n';
  for (const auto& parameter : verb.parameters) {
    std::string more = parameter.type == "text" ? "" : " (" + parameter.type + ")";
    for (size_t i = 0; i < parameter.choices.size(); ++i) more += (i == 0 ? ": " : ", ") + parameter.choices[i];
    if (!parameter.fallback.empty()) more += "; without it " + parameter.fallback;
    if (parameter.secret) more += "; '-' or nothing: from the terminal, or a line of standard input";
    if (parameter.file) more += "; a file, or '-' for standard input";
    std::cout << "  " << parameter.name << std::string(parameter.name.size() < 12 ? 12 - parameter.name.size() : 1, ' ')
              << parameter.summary << more << '\n';
  }
}

const char* const Bash = R"BASH(_patchctl() {
  local cur=${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" --complete "${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null)" -- "$cur"))
}
complete -o default -F _patchctl patchctl
)BASH";

std::vector<std::string> partsOf(const std::string& verb) {
  std::vector<std::string> parts;
  for (size_t start = 0; start <= verb.size();) {
    const size_t end = std::min(verb.find(' ', start), verb.size());
    parts.push_back(verb.substr(start, end - start));
    start = end + 1;
  }
  return parts;
}

/// What may follow these words: the next word of a verb, or its parameters.
void offer(const Verb& verb, const std::vector<std::string>& words) {
  const auto parts = partsOf(verb.verb);
  const size_t same = std::min(parts.size(), words.size());
  if (!std::equal(parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(same), words.begin())) return;
  if (words.size() < parts.size()) {
    std::cout << parts[words.size()] << '\n';
    return;
  }
  const size_t given = words.size() - parts.size();
  if (given < verb.parameters.size())
    for (const auto& choice : verb.parameters[given].choices) std::cout << choice << '\n';
  for (const auto& parameter : verb.parameters)
    if (!parameter.required) std::cout << parameter.name << "=\n";
}

}  // namespace

ExitCode help(const Connection& connection, const std::vector<std::string>& words) {
  if (!words.empty()) {
    const Verbs verbs(connection);
    auto rest = words;
    describe(verbs.find(rest));
    return good;
  }
  std::cout << Head;
  try {
    list(Verbs(connection));
  } catch (const Failure& failure) {
    std::cout << "\nverbs of the server: not known. " << failure.text << '\n';
  }
  std::cout << Foot;
  return good;
}

ExitCode completion(const std::vector<std::string>& words) {
  if (words.size() != 1 || words.front() != "bash") throw Failure{wrongUse, "there is completion for bash: patchctl completion bash"};
  std::cout << Bash;
  return good;
}

ExitCode complete(const Connection& connection, const std::vector<std::string>& words) {
  if (words.empty())
    for (const char* own : {"health", "ready", "metrics", "moni", "db", "completion", "help"}) std::cout << own << '\n';
  const Verbs verbs(connection);
  for (const auto& verb : verbs.all()) offer(verb, words);
  return good;
}

}  // namespace Patchbay::Client
