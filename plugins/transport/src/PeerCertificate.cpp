#include "PeerCertificate.h"

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string_view>

#include "patchbay/parser/Uri.h"
#include "patchbay/runtime/Endpoint.h"

namespace Patchbay::Transport {

namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return result;
}

std::string_view textOf(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)), static_cast<size_t>(ASN1_STRING_length(text))};
}

/// What holds a NUL is no name, but a trick.
void add(std::vector<std::string>& names, std::string_view name) {
  if (!name.empty() && name.find('\0') == name.npos) names.push_back(lower(name));
}

std::string addressOf(std::string_view octets) {
  if (octets.size() == 4) {
    in_addr raw;
    std::memcpy(&raw, octets.data(), sizeof raw);
    return Runtime::IpAddress::fromV4(raw).toString();
  }
  if (octets.size() != 16) return {};
  in6_addr raw;
  std::memcpy(&raw, octets.data(), sizeof raw);
  return Runtime::IpAddress::fromV6(raw).toString();
}

void addAlternative(PeerCertificate& peer, const GENERAL_NAME& name) {
  if (name.type == GEN_DNS) return add(peer.names, textOf(name.d.dNSName));
  if (name.type == GEN_IPADD) return add(peer.addresses, addressOf(textOf(name.d.iPAddress)));
  if (name.type != GEN_URI) return;
  const auto uri = Parser::Uri::parse(textOf(name.d.uniformResourceIdentifier));
  if (uri && uri->isSip() && uri->user.empty()) add(peer.names, uri->host);  // one with a user names a user, not the domain
}

void addCommonName(PeerCertificate& peer, X509* certificate) {
  const X509_NAME* subject = X509_get_subject_name(certificate);
  const int at = X509_NAME_get_index_by_NID(const_cast<X509_NAME*>(subject), NID_commonName, -1);
  if (at >= 0) add(peer.names, textOf(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at))));
}

}  // namespace

PeerCertificate PeerCertificate::of(const SSL* connection) {
  PeerCertificate peer;
  const std::unique_ptr<X509, void (*)(X509*)> certificate(SSL_get1_peer_certificate(connection), X509_free);
  if (!certificate) return peer;
  auto* names = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr));
  if (!names) {
    addCommonName(peer, certificate.get());
    return peer;
  }
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) addAlternative(peer, *sk_GENERAL_NAME_value(names, i));
  GENERAL_NAMES_free(names);
  return peer;
}

bool PeerCertificate::proves(const std::string& name) const {
  if (const auto address = Runtime::IpAddress::parse(name))
    return std::find(addresses.begin(), addresses.end(), address->toString()) != addresses.end();
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace Patchbay::Transport
