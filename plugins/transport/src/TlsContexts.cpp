#include "TlsContexts.h"

#include <Poco/Exception.h>
#include <Poco/File.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <cstdio>

namespace Patchbay::Transport {

using Poco::Net::Context;

namespace {

/// With forward secrecy; no NULL, export, RC4, 3DES, CBC with SHA-1.
constexpr const char* Ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:DHE+CHACHA20";

void needFile(const std::string& path, const char* what) {
  if (!path.empty() && !Poco::File(path).exists()) throw Poco::FileNotFoundException(std::string(what) + " " + path);
}

}  // namespace

TlsContexts::TlsContexts(TlsOptions options) : _options(std::move(options)) {
  _server = make(Context::TLS_SERVER_USE, _options.own, Side::server);
  offerDomains(*_server, _domains, Side::server);
  _mutual = make(Context::TLS_SERVER_USE, _options.own, Side::mutualServer);
  offerDomains(*_mutual, _mutualDomains, Side::mutualServer);
  _client = make(Context::TLS_CLIENT_USE, _options.own, Side::client);
}

SSL_CTX* TlsContexts::of(Side side) const {
  const auto& context = side == Side::client ? _client : side == Side::server ? _server : _mutual;
  return context->sslContext();
}

Context::Ptr TlsContexts::make(Context::Usage usage, const TlsOptions::Pair& pair, Side side) const {
  needFile(pair.certificate, "the certificate");
  needFile(pair.key, "the private key");
  needFile(_options.authorities, "the authorities");
  Context::Params params;
  params.certificateFile = pair.certificate;
  params.privateKeyFile = pair.key;
  params.caLocation = _options.authorities;
  params.loadDefaultCAs = _options.authorities.empty();
  params.cipherList = Ciphers;
  Context::Ptr made;
  try {
    made = new Context(usage, params);
  } catch (const Poco::Exception& error) {
    throw Poco::DataFormatException("the certificate " + pair.certificate + " with the key " + pair.key + " cannot be used",
                                    error.displayText());
  }
  SSL_CTX* context = made->sslContext();
  if (!pair.certificate.empty() && SSL_CTX_check_private_key(context) != 1)
    throw Poco::DataFormatException("the key " + pair.key + " is not that of the certificate " + pair.certificate);
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_TICKET);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);  // who was revoked since shall not come in by an old session
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);          // idle connections cost a third
  const bool verify = side == Side::mutualServer || (side == Side::client && _options.verifyServers);
  // POCO's own callback would ask the process's SSLManager
  SSL_CTX_set_verify(context, verify ? SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT : SSL_VERIFY_NONE, nullptr);
  if (verify) addRevoked(context);
  return made;
}

void TlsContexts::addRevoked(SSL_CTX* context) const {
  if (_options.revoked.empty()) return;
  needFile(_options.revoked, "the revocation list");
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  X509_LOOKUP* lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());
  if (!lookup || X509_load_crl_file(lookup, _options.revoked.c_str(), X509_FILETYPE_PEM) <= 0)
    throw Poco::DataFormatException("no revocation list in " + _options.revoked);
  X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
}

void TlsContexts::offerDomains(Context& context, std::map<std::string, Context::Ptr>& domains, Side side) {
  for (const auto& [name, pair] : _options.domains) domains[name] = make(Context::TLS_SERVER_USE, pair, side);
  SSL_CTX_set_tlsext_servername_callback(context.sslContext(), &TlsContexts::choose);
  SSL_CTX_set_tlsext_servername_arg(context.sslContext(), &domains);
}

/// A name that we have no certificate for gets the server's own (RFC 6066, 3): the client knows what to think of it.
int TlsContexts::choose(SSL* connection, int*, void* domains) {
  const char* asked = SSL_get_servername(connection, TLSEXT_NAMETYPE_host_name);
  if (!asked) return SSL_TLSEXT_ERR_NOACK;
  std::string name(asked);
  std::transform(name.begin(), name.end(), name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  const auto& known = *static_cast<std::map<std::string, Context::Ptr>*>(domains);
  const auto found = known.find(name);
  if (found == known.end()) return SSL_TLSEXT_ERR_NOACK;
  SSL_set_SSL_CTX(connection, found->second->sslContext());
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace Patchbay::Transport
