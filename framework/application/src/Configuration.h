#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "Sections.h"
#include "patchbay/application/Server.h"
#include "patchbay/bundle/NodeSettings.h"
#include "patchbay/log/Setup.h"

namespace Patchbay::Application {

/// The trees that a configuration's files were read into.
struct ReadConfiguration {
  std::optional<Pipeline::Node> root, routing;
};

/// The configuration file as far as it can be understood without bundles. Everything wrong goes to the problems; then defaults stand in.
class Configuration {
 public:
  Configuration(const Server::Options& options, Pipeline::Problems& problems);

  const Bundle::NodeSettings& of(std::string_view section) const { return *_sections.at(std::string(section)); }
  bool has(std::string_view section) const { return _present.count(std::string(section)) != 0; }
  const Log::Settings& log() const { return _log; }
  const std::string& dataFolder() const { return _dataFolder; }
  /// Canonical where they exist.
  const std::vector<std::string>& bundleFolders() const { return _bundleFolders; }
  /// Name -> where it was written.
  const std::map<std::string, Pipeline::Location>& disabled() const { return _disabled; }
  const Pipeline::Constants& constants() const { return _constants; }
  /// The rules, read; none when that failed or there are none.
  const std::optional<Pipeline::Node>& routing() const { return _routing; }
  /// Elements that should be named after bundles.
  const std::vector<Pipeline::Node>& bundleElements() const { return _bundleElements; }
  const Pipeline::Location& location() const { return _whole; }
  /// All that was read of files, to be used again (Server::Options::read).
  std::shared_ptr<const ReadConfiguration> source() const { return _source; }

 private:
  std::optional<Pipeline::Node> read(const Server::Options& options);
  void setPredefined(const Server::Options& options);
  void define(const Pipeline::Node& root, const Server::Options& options);
  void takeElement(const Pipeline::Node& node);
  void takeSections(const Pipeline::Node& root);
  void takeData();
  void takeLog();
  void takeBundles(const Server::Options& options);
  void takeRouting();
  void checkChildren(const Pipeline::Node& node, const Section& section);
  void checkDefines(const Server::Options& options, const Pipeline::Node& root);

  Pipeline::Problems& _problems;  ///< while it is made
  std::shared_ptr<ReadConfiguration> _source;
  Pipeline::Location _whole;
  std::string _folder;
  Pipeline::Constants _constants;
  std::map<std::string, Pipeline::Node> _present;
  std::map<std::string, std::unique_ptr<Bundle::NodeSettings>> _sections;
  std::vector<Pipeline::Node> _bundleElements;
  Log::Settings _log;
  std::string _dataFolder;
  std::vector<std::string> _bundleFolders;
  std::map<std::string, Pipeline::Location> _disabled;
  std::optional<Pipeline::Node> _routing;
};

}  // namespace Patchbay::Application
