#include "Sections.h"

#include <algorithm>

#include "patchbay/log/Setup.h"
#include "patchbay/runtime/Worker.h"

namespace Patchbay::Application {

using Pipeline::Parameter;
using Pipeline::Type;

namespace {

Parameter text(std::string name, std::string summary, std::optional<std::string> fallback = {}) {
  return {std::move(name), Type::text, std::move(summary), false, std::move(fallback)};
}

Parameter required(std::string name, std::string summary) {
  return {std::move(name), Type::text, std::move(summary), true};
}

Parameter choice(std::string name, std::string summary, std::string fallback, std::vector<std::string> choices) {
  Parameter parameter = text(std::move(name), std::move(summary), std::move(fallback));
  parameter.choices = std::move(choices);
  return parameter;
}

Parameter number(Type type, std::string name, std::string summary, std::string fallback, int64_t least, int64_t most) {
  return {std::move(name), type, std::move(summary), false, std::move(fallback), least, most};
}

std::vector<std::string> levels() {
  std::vector<std::string> names;
  const std::string all = Log::levelNames();
  for (size_t start = 0; start < all.size();) {
    const size_t end = std::min(all.find(", ", start), all.size());
    names.push_back(all.substr(start, end - start));
    start = end + 2;
  }
  return names;
}

Section server() {
  return {
      "server",
      "How the program runs.",
      {number(Type::integer, "workers", "threads that work on messages; 0 is one a processor core", "0", 0, Runtime::Workers::Most),
       text("data", "folder of secrets and data, made private at the first start", "${data}"),
       text("note", "printed at start, beside what the server listens on"),
       number(Type::integer, "suspended", "how many requests may wait (for a database, a name server) at once", "100000", 1, 100'000'000)}};
}

Section log() {
  return {"log",
          "Where log lines go.",
          {choice("target", "", "stderr", {"stderr", "syslog"}),
           choice("layout", "one line for each event either way", "text", {"text", "json"}),
           choice("level", "the least urgent level that is written", "information", levels()),
           text("ident", "the program's name in syslog", "patchbay"), text("facility", "syslog's facility", "daemon")},
          {{"logger",
            "Another level for one source of lines.",
            {required("name", "such as tm or registrar.save"), choice("level", "", "information", levels())}}}};
}

std::vector<Section> make() {
  std::vector<Section> all;
  all.push_back({"define",
                 "A constant for ${name}; --define name=value overrides it.",
                 {required("name", "the constant's name"), text("value", "its value")}});
  all.push_back({"include", "Puts another file's content here.", {required("file", "relative to this file")}});
  all.push_back(server());
  all.push_back(log());
  all.push_back({"data",
                 "The database.",
                 {text("url", "sqlite:FILE (made when absent), sqlite::memory:, or mysql://user@host[:port]/database; options behind ?",
                       "sqlite:${data}/patchbay.db")}});
  all.push_back(
      {"admin",
       "The HTTP endpoint for operators; without this element there is none.",
       {text("listen", "address and port (port 0 lets the system choose), or off; without a certificate on loopback only",
             "127.0.0.1:5088"),
        text("certificate", "PEM file: the endpoint speaks TLS and proves itself by it; those that vouch for it stand behind it", ""),
        text("key", "PEM file: its private key; empty: in the certificate's file", "")}});
  all.push_back({"bundles",
                 "Which bundles are loaded: every one found, but for those disabled.",
                 {{"folder", Type::list, "where the bundles are; empty is beside the program", false, {}}},
                 {{"disable", "Leaves a bundle out.", {required("name", "the bundle's name")}}}});
  all.push_back({"routing", "The rules: in a file, or as pipelines inside this element.", {text("file", "relative to this file")}});
  return all;
}

}  // namespace

const std::vector<Section>& sections() {
  static const std::vector<Section> all = make();
  return all;
}

const Section& section(std::string_view name) {
  return *std::find_if(sections().begin(), sections().end(), [&](const Section& one) { return one.name == name; });
}

const std::vector<Predefined>& predefined() {
  static const std::vector<Predefined> all{
      {"config", "the folder of the configuration file"},
      {"program", "the folder of the program"},
      {"data", "the data folder: /var/lib/patchbay when it can be written, else ~/.local/share/patchbay"}};
  return all;
}

}  // namespace Patchbay::Application
