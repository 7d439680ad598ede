#include "patchbay/application/PatchbayApplication.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>

#include <Poco/Util/HelpFormatter.h>
#include <Poco/Util/Option.h>
#include <Poco/Util/OptionException.h>
#include <Poco/Util/OptionProcessor.h>
#include <Poco/Util/OptionSet.h>

#include "ActionIndex.h"
#include "DaemonStart.h"
#include "EarlyEnd.h"
#include "Folders.h"
#include "Reference.h"
#include "Surroundings.h"

namespace Patchbay::Application {

using Poco::Util::Option;

namespace {

/// Before any thread exists, so that all inherit it: only the main thread takes them, in serveSignals.
void blockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGQUIT, SIGHUP}) sigaddset(&signals, signal);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

/// Memory holds passwords' hashes and secrets. The limit is 1, since the kernel takes 0 for files only, not for a program that collects
/// dumps (core(5)). Who wants one raises it for this process: prlimit --core=unlimited --pid PID.
void forbidCoreDumps() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_CORE, &limit) != 0) return;
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 1);
  ::setrlimit(RLIMIT_CORE, &limit);
}

/// Until the end is wished; SIGHUP reloads. What a reload finds wrong is printed too, for whoever has sent the signal from a terminal.
void serveSignals(Server& server) {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGQUIT, SIGHUP}) sigaddset(&signals, signal);
  for (int signal = 0; sigwait(&signals, &signal) == 0 && signal == SIGHUP;) {
    const auto reloaded = server.reload("SIGHUP");
    for (const auto& problem : reloaded.problems) std::cerr << problem << '\n';
    std::cerr << "patchbay: " << reloaded.text << std::endl;
  }
}

size_t count(const Pipeline::Problems& problems, Pipeline::Problem::Severity severity) {
  const auto& all = problems.all();
  return static_cast<size_t>(std::count_if(all.begin(), all.end(), [&](const auto& problem) { return problem.severity == severity; }));
}

void print(const Pipeline::Problems& problems) {
  std::cerr << problems.toString();
}

int refuse(const Pipeline::Problems& problems) {
  print(problems);
  const size_t errors = count(problems, Pipeline::Problem::Severity::error);
  std::cerr << "patchbay: " << errors << (errors == 1 ? " error" : " errors") << ", nothing was started\n";
  return Poco::Util::Application::EXIT_CONFIG;
}

void announce(const Server& server, size_t workers) {
  std::cout << "patchbay " << Bundle::version() << ", " << workers << (workers == 1 ? " worker\n" : " workers\n");
  for (const auto& [what, value] : server.announcements()) std::cout << what << ' ' << value << '\n';
  std::cout << "ready" << std::endl;
  Log::Logger::get("server").information("ready", {{"version", Bundle::version()}, {"workers", std::to_string(workers)}});
}

/// Everything that the bundles beside the program (or in `folder`) declare.
bool describeBundles(const std::string& folder, Bundle::Loader& loader) {
  Pipeline::Problems problems;
  loader.load(Bundle::inDependencyOrder(Bundle::readManifests({folder}, problems), problems), problems);
  if (problems.hasErrors()) refuse(problems);
  return !problems.hasErrors();
}

std::string unknownOption(const std::string& given, const Poco::Util::OptionSet& options) {
  if (given.empty() || given[0] != '-') return "'" + given + "' is no option; a configuration is given as --config=FILE";
  std::vector<std::string> names;
  for (const auto& option : options) names.push_back("--" + option.fullName());
  const std::string name = given.substr(0, given.find('='));
  return "unknown option '" + name + "'" + Pipeline::suggestion(name, names);
}

}  // namespace

PatchbayApplication::PatchbayApplication() {
  setUnixOptions(true);
  // POCO's handlers would hide where a crash was.
  for (const int signal : {SIGILL, SIGBUS, SIGSEGV, SIGSYS}) std::signal(signal, SIG_DFL);
}

PatchbayApplication::~PatchbayApplication() = default;

int PatchbayApplication::start(int argc, char** argv) {
  try {
    const bool daemon = readOptions(argc, argv);
    if (_task == Task::serve) checkPidFile();
    if (daemon && _task == Task::serve) {
      findConfiguration();
      _configuration = std::filesystem::absolute(_configuration).string();  // the daemon's working folder is /
      if (const int code = check(); code != EXIT_OK) return code;
      _daemon = std::make_unique<DaemonStart>();
      if (const auto code = _daemon->fork()) return *code;
    }
  } catch (const Poco::Exception& error) {
    std::cerr << "patchbay: " << (error.message().empty() ? error.displayText() : error.message()) << "\nTry patchbay --help\n";
    return EXIT_USAGE;
  }
  const int code = run(argc, argv);
  if (_daemon) _daemon->report(code);
  return code;
}

/// True: as a daemon.
bool PatchbayApplication::readOptions(int argc, char** argv) {
  Poco::Util::OptionSet options;
  defineOptions(options);
  Poco::Util::OptionProcessor processor(options);
  processor.setUnixStyle(true);
  bool daemon = false;
  for (int i = 1; i < argc; ++i) {
    std::string name, value;
    try {
      if (!processor.process(argv[i], name, value)) throw Poco::Util::UnknownOptionException(argv[i]);
    } catch (const Poco::Util::UnknownOptionException&) {
      throw Poco::Util::UnknownOptionException(unknownOption(argv[i], options));
    }
    if (name == "daemon")
      daemon = true;
    else if (name == "pidfile")
      _pidFile = std::filesystem::absolute(value).string();  // a daemon's working folder is /
    else if (!name.empty() && name != "umask")               // empty: the value is the next argument
      handleOption(name, value);
  }
  processor.checkRequired();
  return daemon;
}

/// A second start must not take the file away from the server that runs.
void PatchbayApplication::checkPidFile() const {
  if (_pidFile.empty()) return;
  const std::string folder = std::filesystem::absolute(_pidFile).parent_path().string();
  if (access(folder.c_str(), W_OK | X_OK) != 0)
    throw Poco::FileException("--pidfile: " + _pidFile + " cannot be written: " + std::generic_category().message(errno));
  int pid = 0;
  std::ifstream(_pidFile) >> pid;
  std::error_code error;
  const auto other = std::filesystem::read_symlink("/proc/" + std::to_string(pid) + "/exe", error);
  if (pid > 0 && pid != getpid() && !error && other == std::filesystem::read_symlink("/proc/self/exe", error))
    throw Poco::FileExistsException("--pidfile: " + _pidFile + " belongs to a server that runs, process " + std::to_string(pid));
}

void PatchbayApplication::initialize(Poco::Util::Application& self) {
  ServerApplication::initialize(self);
}

void PatchbayApplication::defineOptions(Poco::Util::OptionSet& options) {
  ServerApplication::defineOptions(options);
  const auto add = [&](const char* name, const char* text) -> Option { return Option(name, "", text).required(false); };
  options.addOption(add("config", "the configuration, .xml or .properties").argument("FILE"));
  options.addOption(add("check", "load, check and bind everything, listen to nothing, and say what is wrong"));
  options.addOption(
      add("db", "the database's tables: status (look), init (make those that are absent), upgrade (mend older ones)").argument("status"));
  options.addOption(add("define", "set a constant of the configuration; may be repeated").repeatable(true).argument("NAME=VALUE"));
  options.addOption(add("describe", "write the reference manual of all bundles and routing.xsd to a folder").argument("FOLDER"));
  options.addOption(add("index", "write actions.index of the bundles in a folder").argument("FOLDER"));
  options.addOption(add("convert", "print a configuration or rule file in the other spelling (XML or properties)").argument("FILE"));
  options.addOption(add("version", "print the version"));
  options.addOption(add("help", "print this"));
}

void PatchbayApplication::handleOption(const std::string& name, const std::string& value) {
  if (name == "pidfile") return ServerApplication::handleOption(name, _pidFile);
  if (name == "daemon" || name == "umask") return ServerApplication::handleOption(name, value);
  if (name == "config") {
    if (_configuration.empty()) _configuration = value;
  } else if (name == "define") {
    const size_t sign = value.find('=');
    if (sign == std::string::npos || sign == 0)
      throw Poco::Util::InvalidArgumentException("--define needs NAME=VALUE, not '" + value + "'");
    _defines[value.substr(0, sign)] = value.substr(sign + 1);
  } else {
    const std::map<std::string, Task> tasks{{"check", Task::check},     {"db", Task::database},       {"help", Task::help},
                                            {"version", Task::version}, {"describe", Task::describe}, {"index", Task::index},
                                            {"convert", Task::convert}};
    _task = tasks.at(name);
    _folder = value;
  }
}

void PatchbayApplication::findConfiguration() {
  if (!_configuration.empty()) return;
  const std::string candidates[] = {absolute("../etc/patchbay/patchbay.xml", programFolder()), "/etc/patchbay/patchbay.xml"};
  for (const auto& candidate : candidates)
    if (std::filesystem::exists(candidate)) {
      _configuration = candidate;
      return;
    }
  throw Poco::FileNotFoundException("say which configuration: --config=FILE (there is no " + candidates[0] + " and no " + candidates[1] +
                                    ")");
}

int PatchbayApplication::main(const std::vector<std::string>&) {
  try {
    return dispatch();
  } catch (const Poco::FileException& error) {
    std::cerr << "patchbay: " << error.displayText() << '\n';
    return EXIT_CONFIG;
  } catch (const Poco::Exception& error) {
    std::cerr << "patchbay: " << error.displayText() << '\n';
    return EXIT_SOFTWARE;
  }
}

int PatchbayApplication::dispatch() {
  switch (_task) {
    case Task::help:
      return help();
    case Task::version:
      std::cout << "patchbay " << Bundle::version() << " (build " << Bundle::buildId() << ")\n";
      return EXIT_OK;
    case Task::describe:
      return describe();
    case Task::index:
      return index();
    case Task::convert:
      return convert();
    case Task::check:
      return check();
    case Task::database:
      return database();
    default:
      return serve();
  }
}

int PatchbayApplication::help() const {
  Poco::Util::HelpFormatter formatter(options());
  formatter.setUnixStyle(true);
  formatter.setWidth(110);
  formatter.setCommand("patchbay");
  formatter.setUsage("--config=FILE [--check] [--define NAME=VALUE]... [--daemon] [--pidfile=FILE]");
  formatter.setHeader(
      "A SIP server of plug-in bundles. Stays in the foreground unless --daemon is given; SIGTERM and SIGINT end it cleanly.");
  formatter.setFooter(
      "Without --config: ../etc/patchbay/patchbay.xml beside the program, else /etc/patchbay/patchbay.xml. "
      "Exit codes: 0 ended cleanly; 64 wrong use; 69 could not start (address taken, database unreachable); 78 wrong configuration; 70 a "
      "fault of its own.");
  formatter.format(std::cout);
  return EXIT_OK;
}

Server::Options PatchbayApplication::serverOptions() const {
  Server::Options options;
  options.configuration = _configuration;
  options.defines = _defines;
  return options;
}

int PatchbayApplication::check() {
  findConfiguration();
  auto options = serverOptions();
  options.checkOnly = true;
  Surroundings outside(1, Surroundings::Threads::none);
  Server server(options);
  if (!server.load(outside.environment())) return refuse(server.problems());
  print(server.problems());
  if (_task == Task::check) std::cout << _configuration << ": good, " << server.problems().all().size() << " warnings\n";
  return EXIT_OK;
}

/// The tables of all loaded bundles; nothing listens. Ends with 1 when one of them does not serve.
int PatchbayApplication::database() {
  using Opening = Data::Database::Opening;
  const std::map<std::string, Opening> verbs{{"status", Opening::look}, {"init", Opening::make}, {"upgrade", Opening::upgrade}};
  const auto verb = verbs.find(_folder);
  if (verb == verbs.end()) {
    std::cerr << "patchbay: --db=" << _folder << ": allowed are status, init, upgrade\n";
    return EXIT_USAGE;
  }
  findConfiguration();
  Surroundings outside(1, Surroundings::Threads::real);
  Server server(serverOptions());
  server.applyLog();
  if (!server.load(outside.environment())) return refuse(server.problems());
  bool good = true;
  static constexpr const char* states[] = {"good", "absent", "upgradable", "unfit", "unreachable"};
  for (const auto& table : server.tables(verb->second)) {
    std::cout << table.name << ": " << states[static_cast<size_t>(table.state)] << ", version " << table.found << " of " << table.declared
              << (table.text.empty() ? "" : "; " + table.text) << '\n';
    good = good && table.state == Data::TableStatus::State::good;
  }
  outside.stopPool();
  return good ? EXIT_OK : 1;
}

int PatchbayApplication::serve() {
  findConfiguration();
  blockSignals();
  forbidCoreDumps();
  if (_daemon) _daemon->redirect();
  std::optional<EarlyEnd> early(std::in_place, EXIT_OK, [this] { endEarly(); });
  std::optional<Surroundings> outside;  // lives longer than the server, which says how many workers it wants
  Server server(serverOptions());
  server.applyLog(!_daemon);
  outside.emplace(server.workers(), Surroundings::Threads::real);
  if (!server.load(outside->environment())) return refuse(server.problems());
  print(server.problems());
  try {
    server.start();
  } catch (const Poco::Exception& error) {
    std::cerr << "patchbay: " << error.message() << "\npatchbay: could not start\n";
    Log::Logger::get("server").error(error.message());
    return EXIT_UNAVAILABLE;
  }
  early.reset();
  outside->start();
  if (_daemon) _daemon->report(EXIT_OK);
  announce(server, outside->workers());
  serveSignals(server);
  outside->stopWorkers();
  server.stop();
  outside->stopPool();
  return EXIT_OK;
}

void PatchbayApplication::endEarly() {
  std::cerr << "patchbay: told to end before it was ready\n";
  if (!_pidFile.empty()) ::unlink(_pidFile.c_str());
  if (_daemon) _daemon->report(EXIT_OK);
}

int PatchbayApplication::describe() {
  Bundle::Loader loader;
  if (!describeBundles(bundlesBesideProgram(), loader)) return EXIT_CONFIG;
  Reference(loader.bundles()).write(_folder);
  return EXIT_OK;
}

int PatchbayApplication::index() {
  Bundle::Loader loader;
  if (!describeBundles(_folder, loader)) return EXIT_CONFIG;
  writeIndex(_folder, loader.bundles());
  return EXIT_OK;
}

int PatchbayApplication::convert() const {
  Pipeline::Problems problems;
  const auto node = Pipeline::read(_folder, problems);
  if (!node || problems.hasErrors()) return refuse(problems);
  const bool properties = std::filesystem::path(_folder).extension() == ".properties";
  std::cout << (properties ? Pipeline::writeXml(*node) : Pipeline::writeProperties(*node));
  return EXIT_OK;
}

}  // namespace Patchbay::Application
