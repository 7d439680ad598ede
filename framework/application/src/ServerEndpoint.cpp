#include <fstream>

#include "ServerOperations.h"
#include "ServerState.h"

/// The admin endpoint of a server.
namespace Patchbay::Application {

namespace {

Admin::Certificate certificateOf(const Configuration& configuration) {
  const auto& admin = configuration.of("admin");
  return {admin.text("certificate"), admin.text("key")};
}

/// Of a PEM file what everybody may know.
std::string certificatesIn(const std::string& path) {
  std::ifstream file(path);
  std::string all;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    inside |= line.starts_with("-----BEGIN CERTIFICATE-----");
    if (inside) all += line + "\n";
    inside &= !line.starts_with("-----END");
  }
  return all;
}

}  // namespace

void Server::State::checkEndpoint() {
  if (!configuration->has("admin")) return;
  const auto& admin = configuration->of("admin");
  const std::string text = admin.text("listen");
  if (text == "off" || text.find("${") != std::string::npos) return;  // an unknown constant has been reported
  const auto listen = Runtime::Endpoint::parse(text);
  const auto certificate = certificateOf(*configuration);
  if (!listen)
    problems.error(admin.location("listen"), "<admin listen>: '" + text + "' is not an address and port such as 127.0.0.1:5088, nor off");
  else if (listen->address.scope() != Runtime::Scope::loopback && !certificate)
    problems.error(admin.location("listen"),
                   "<admin listen>: " + text + " is no loopback address (127.0.0.1 or [::1]), so that the endpoint needs a certificate");
  if (!certificate && !certificate.key.empty()) problems.error(admin.location("key"), "<admin key>: there is no certificate that it is of");
  if (!certificate) return;
  try {
    certificate.check();
  } catch (const Poco::Exception& error) {
    problems.error(admin.location("certificate"), "<admin certificate>: " + error.message());
  }
}

void Server::State::startEndpoint() {
  if (!configuration->has("admin")) return;
  const std::string text = configuration->of("admin").text("listen");
  if (text == "off") return;
  const auto listen = Runtime::Endpoint::parse(text);
  if (!listen) throw Poco::InvalidArgumentException("<admin listen>: '" + text + "'");
  openAccess();
  addOperations();
  const auto certificate = certificateOf(*configuration);
  endpoint = std::make_unique<Admin::Endpoint>(Admin::Endpoint::Settings{*listen, Bundle::version(), certificate},
                                               Admin::Endpoint::Parts{common->environment.metrics, health, operations, *access});
  endpoint->start();
  announcements.emplace_back("admin", endpoint->url());
  std::ofstream(configuration->dataFolder() + "/admin.url") << endpoint->url() << '\n';  // for patchctl on this machine
  leaveCertificate(certificate);
}

/// For patchctl on this machine: whom it has to find behind that URL.
void Server::State::leaveCertificate(const Admin::Certificate& certificate) const {
  const std::string path = configuration->dataFolder() + "/admin.certificate";
  if (certificate)
    std::ofstream(path) << certificatesIn(certificate.file);
  else
    std::remove(path.c_str());
}

/// That it can be used has been checked; should it have changed since, the one before stays.
void Server::State::renewCertificate(const Configuration& next) {
  if (!endpoint || !certificateOf(next)) return;
  try {
    endpoint->renew(certificateOf(next));
    leaveCertificate(certificateOf(next));
  } catch (const Poco::Exception& error) {
    Log::Logger::get("server").error("the admin endpoint keeps its certificate", {{"why", error.displayText()}});
  }
}

void Server::State::openAccess() {
  access = std::make_unique<Admin::Access>(configuration->dataFolder(), common->environment.clock);
  if (access->open()) announcements.emplace_back("admin token", "made; patchctl finds it in " + access->adminTokenFile());
}

void Server::State::addOperations() {
  operations.add(Admin::operationsOperation(operations));
  for (auto& operation : Admin::tokenOperations(*access)) operations.add(std::move(operation));
  for (auto& operation : serverOperations(*this)) operations.add(std::move(operation));
  for (auto& operation : reloads.operations()) operations.add(std::move(operation));
  for (const auto& loaded : loader.bundles())
    for (const auto& operation : loaded.declaration.operations) operations.add(operation);
}

}  // namespace Patchbay::Application
