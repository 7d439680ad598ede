#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/StreamCopier.h>
#include <Poco/URI.h>

#include "patchbay/bundle/Loader.h"
#include "patchbay/pipeline/Problems.h"

namespace {

enum ExitCode { good = 0, notReady = 1, wrongUse = 64, unreachable = 69 };

struct Verb {
  const char* name;
  const char* path;
  const char* summary;
};
constexpr Verb Verbs[] = {{"health", "/healthz", "is the server alive?"},
                          {"ready", "/readyz", "does it take traffic, and which part does not? (exit code 1 when not ready)"},
                          {"metrics", "/metrics", "all counters and gauges, as Prometheus reads them"},
                          {"version", "", "the version of this program"}};

const char* const DefaultAdmin = "http://127.0.0.1:5088";

std::string usage() {
  std::string text = "usage: patchctl [--admin=URL] VERB\n\n";
  for (const auto& verb : Verbs)
    text += std::string("  ") + verb.name + std::string(10 - std::string(verb.name).size(), ' ') + verb.summary + "\n";
  return text + "\n  --admin=URL  the server's <admin listen=\"\"/>; default $PATCHBAY_ADMIN, else " + DefaultAdmin +
         "\n\nexit codes: 0 good, 1 not ready or refused, 64 wrong use, 69 the server cannot be reached\n";
}

int fail(const std::string& text, ExitCode code) {
  std::cerr << "patchctl: " << text << '\n';
  return code;
}

int ask(const std::string& admin, const Verb& verb) {
  const Poco::URI uri(admin);
  if (uri.getScheme() != "http" || uri.getHost().empty())
    return fail("--admin: '" + admin + "' is not of the form http://127.0.0.1:5088", wrongUse);
  Poco::Net::HTTPClientSession session(uri.getHost(), uri.getPort());
  session.setTimeout(Poco::Timespan(10, 0));
  Poco::Net::HTTPRequest request(Poco::Net::HTTPRequest::HTTP_GET, verb.path, Poco::Net::HTTPRequest::HTTP_1_1);
  session.sendRequest(request);
  Poco::Net::HTTPResponse response;
  std::istream& body = session.receiveResponse(response);
  Poco::StreamCopier::copyStream(body, std::cout);
  return response.getStatus() == Poco::Net::HTTPResponse::HTTP_OK ? good : notReady;
}

int run(const std::string& admin, const std::string& name) {
  if (name == "version") {
    std::cout << Patchbay::Bundle::version() << '\n';
    return good;
  }
  std::vector<std::string> names;
  for (const auto& verb : Verbs) {
    names.emplace_back(verb.name);
    if (name != verb.name) continue;
    try {
      return ask(admin, verb);
    } catch (const Poco::SyntaxException&) {
      return fail("--admin: '" + admin + "' is not of the form http://127.0.0.1:5088", wrongUse);
    } catch (const Poco::Exception& error) {
      return fail("no answer from " + admin + ": " + error.displayText() + " (does the server run, with <admin> in its configuration?)",
                  unreachable);
    }
  }
  return fail("unknown verb '" + name + "'" + Patchbay::Pipeline::suggestion(name, names), wrongUse);
}

}  // namespace

int main(int argc, char** argv) {
  const char* fromEnvironment = std::getenv("PATCHBAY_ADMIN");
  std::string admin = fromEnvironment && *fromEnvironment ? fromEnvironment : DefaultAdmin;
  std::vector<std::string> words;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--help" || word == "help") {
      std::cout << usage();
      return good;
    }
    if (word.starts_with("--admin="))
      admin = word.substr(8);
    else if (word == "--version")
      words.emplace_back("version");
    else if (word.starts_with("-"))
      return fail("unknown option '" + word + "'; allowed: --admin=URL, --help, --version", wrongUse);
    else
      words.push_back(word);
  }
  if (words.size() == 1) return run(admin, words.front());
  std::cerr << usage();
  return wrongUse;
}
