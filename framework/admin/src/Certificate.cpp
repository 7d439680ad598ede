#include "Certificate.h"

#include <openssl/ssl.h>

#include <Poco/Exception.h>
#include <Poco/File.h>

namespace Patchbay::Admin {

using Poco::Net::Context;

namespace {

constexpr const char* Ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:DHE+CHACHA20";

}  // namespace

void Certificate::check() const {
  contextOf(*this);
}

Context::Ptr contextOf(const Certificate& certificate) {
  Context::Params params;
  params.certificateFile = certificate.file;
  params.privateKeyFile = certificate.key.empty() ? certificate.file : certificate.key;
  params.verificationMode = Context::VERIFY_NONE;
  params.cipherList = Ciphers;
  for (const auto& path : {params.certificateFile, params.privateKeyFile})
    if (!Poco::File(path).exists()) throw Poco::FileNotFoundException("there is no " + path);
  Context::Ptr context;
  try {
    context = new Context(Context::TLS_SERVER_USE, params);
  } catch (const Poco::Exception& error) {
    throw Poco::DataFormatException(certificate.file + " cannot be used: " + error.displayText());
  }
  SSL_CTX* const raw = context->sslContext();
  if (SSL_CTX_check_private_key(raw) != 1)
    throw Poco::DataFormatException(params.privateKeyFile + " is not the key of " + certificate.file);
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET);
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_verify(raw, SSL_VERIFY_NONE, nullptr);
  return context;
}

}  // namespace Patchbay::Admin
