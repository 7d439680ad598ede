#pragma once

#include <memory>
#include <string>
#include <vector>

#include "patchbay/bundle/Loader.h"
#include "patchbay/data/Database.h"
#include "patchbay/pipeline/Node.h"
#include "patchbay/runtime/Environment.h"

namespace Patchbay::Application {

struct ReadConfiguration;

/// One server: configuration, bundles, rules, data, admin endpoint, over an Environment. The program makes one over real threads and
/// sockets, the virtual world makes one (or several) over its own. Knows no SIP.
///
/// Order, all or nothing: read configuration -> manifests -> open and describe -> read rules, check -> configure -> bind plug-ins -> bind
/// rules
/// -> (stop here for --check) -> open data, start -> listen -> admin endpoint -> ready. Any error before start: everything found is
/// reported.
class PATCHBAY_API Server {
 public:
  struct Options {
    std::string configuration;                    ///< path; or
    std::string configurationText = {};           ///< the configuration itself (tests), with its rules in it or beside it
    Pipeline::Constants defines = {};             ///< --define name=value
    std::vector<std::string> bundleFolders = {};  ///< empty: as configured, else the ones beside the program
    std::vector<std::string> extraBundles = {};   ///< further folders (test bundles)
    bool checkOnly = false;
    std::shared_ptr<const ReadConfiguration> read = {};  ///< what was read before, in place of the files
  };

  /// Reads what must be known before threads and sockets exist: log settings, number of workers. Throws nothing: see problems().
  explicit Server(Options options);
  ~Server();
  Server(const Server&) = delete;

  /// From `<server workers="2"/>`; 0 when it is not said (one a core).
  size_t workers() const;
  /// `<log>` of the configuration, for Log::apply; without a standard error (a daemon's) always to syslog.
  void applyLog(bool hasStandardError = true) const;
  /// What a test provides before loading stands in for bundles' own services.
  Bundle::Services& services();
  /// All steps up to binding the rules. False: see problems().
  bool load(Runtime::Environment& environment);
  /// Opens data, starts, listens. Throws Poco::Exception with everything a person needs; stop() has then been done.
  void start();
  void stop() noexcept;
  /// In place of start(), blocking: opens the tables of all bundles as `opening` says, tells how each stands, and stops.
  std::vector<Data::TableStatus> tables(Data::Database::Opening opening);
  /// Checks the configuration as it is now in its files, whole, and swaps it in, whole; new messages begin with it, transactions end on the
  /// one they began with. When anything is wrong nothing changes. From any thread but a worker's, one at a time; `who` is for the history.
  struct Reloaded {
    bool done = false;
    std::string text;                   ///< for people
    std::vector<std::string> problems;  ///< with file and line; warnings when it is done
  };
  Reloaded reload(const std::string& who);
  const Pipeline::Problems& problems() const;
  /// "listening on udp:127.0.0.1:5060" ... as printed at start; the last line is "ready" and is not in here.
  std::vector<std::pair<std::string, std::string>> announcements() const;
  std::vector<Bundle::Loaded>& bundles();

  struct State;

 private:
  std::unique_ptr<State> _state;
};

}  // namespace Patchbay::Application
