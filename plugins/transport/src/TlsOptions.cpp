#include "TlsOptions.h"

#include <algorithm>

namespace Patchbay::Transport {

using Pipeline::Type;

namespace {

constexpr int64_t Second = 1'000'000'000;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

/// `NAME=CERTIFICATE` or `NAME=CERTIFICATE;KEY`.
bool takeDomain(const std::string& text, TlsOptions& options) {
  const auto equals = text.find('='), semicolon = text.find(';');
  if (equals == text.npos || equals == 0 || equals + 1 == text.size()) return false;
  const auto certificate = text.substr(equals + 1, semicolon == text.npos ? semicolon : semicolon - equals - 1);
  options.domains[lower(text.substr(0, equals))] = {certificate, semicolon == text.npos ? certificate : text.substr(semicolon + 1)};
  return true;
}

}  // namespace

void declareTls(Bundle::Declaration& declaration) {
  auto& settings = declaration.settings;
  settings.push_back({"tls_certificate", Type::text, "PEM file: the server's certificate, those that vouch for it behind it.", false, ""});
  settings.push_back({"tls_key", Type::text, "PEM file: its private key. Empty: in the certificate's file.", false, ""});
  settings.push_back({"tls_domains", Type::list,
                      "Certificates for the names that clients ask for (SNI): `NAME=CERTIFICATE`, or `NAME=CERTIFICATE;KEY`.", false, ""});
  settings.push_back({"tls_ca", Type::text, "PEM file or folder of who may vouch for peers. Empty: the system's.", false, ""});
  settings.push_back({"tls_crl", Type::text, "PEM file of revoked certificates. Empty: none.", false, ""});
  settings.push_back(
      {"tls_mutual", Type::list, "Those of the listeners, as in `listen`, whose clients must have a certificate.", false, ""});
  settings.push_back({"tls_clients", Type::list,
                      "Names (of the certificate's subject alternative names) one of which clients of `tls_mutual` must have. Empty: any.",
                      false, ""});
  settings.push_back({"tls_verify_servers", Type::boolean,
                      "Whether the servers that are connected to must prove the name that they were looked up by (RFC 5922).", false,
                      "yes"});
  settings.push_back({"handshake_timeout", Type::duration, "How long a handshake, of TLS or WebSocket, may take.", false, "10s",
                      Second / 100, 3600 * Second});
  settings.push_back(
      {"handshake_rate", Type::integer, "TLS handshakes a second, in all; those that knock beyond it wait.", false, "200", 1, 1'000'000});
  declaration.metrics.push_back({"transport_handshake_failures_total",
                                 "TLS handshakes that failed: garbage, version, cipher, certificate, name, alert (of the peer), other."});
}

TlsOptions TlsOptions::read(Bundle::Host& host) {
  const auto& settings = host.settings();
  TlsOptions options;
  options.own.certificate = settings.text("tls_certificate");
  options.own.key = settings.text("tls_key").empty() ? options.own.certificate : settings.text("tls_key");
  for (const auto& text : settings.list("tls_domains"))
    if (!takeDomain(text, options)) host.problem("tls_domains", "'" + text + "' is not NAME=CERTIFICATE or NAME=CERTIFICATE;KEY");
  options.authorities = settings.text("tls_ca");
  options.revoked = settings.text("tls_crl");
  for (const auto& name : settings.list("tls_clients")) options.clients.push_back(lower(name));
  options.verifyServers = settings.boolean("tls_verify_servers");
  return options;
}

}  // namespace Patchbay::Transport
