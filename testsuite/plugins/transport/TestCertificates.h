#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>

#include "TemporaryFolder.h"

namespace Patchbay::Testsuite {

/// An authority that makes certificates for tests, each with a key of its own in the same PEM file, in a folder that goes with this object.
class TestCertificates {
 public:
  struct Wish {
    std::string names = "DNS:sip.example.org";  ///< subject alternative names as OpenSSL's configuration has them; empty: none
    std::string commonName = "somebody";
    long from = -3600, until = 3600;  ///< seconds from now
    bool selfSigned = false;
  };

  TestCertificates() : _key(EVP_EC_gen("P-256")) {
    _authority.reset(make({.names = "", .commonName = "authority", .selfSigned = true}, _key.get(), true));
    write("ca.pem", _authority.get(), nullptr);
  }
  std::string authority() const { return path("ca.pem"); }
  /// The PEM file.
  std::string issue(const std::string& file, const Wish& wish) {
    const Key key(EVP_EC_gen("P-256"));
    const Certificate made(make(wish, key.get(), false));
    write(file, made.get(), key.get());
    _last = ASN1_INTEGER_get(X509_get0_serialNumber(made.get()));
    return path(file);
  }
  /// A list that revokes the certificate issued last.
  std::string revokeLast() {
    const std::unique_ptr<X509_CRL, void (*)(X509_CRL*)> list(X509_CRL_new(), X509_CRL_free);
    X509_CRL_set_version(list.get(), 1);
    X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(_authority.get()));
    const std::unique_ptr<ASN1_TIME, void (*)(ASN1_TIME*)> time(X509_gmtime_adj(nullptr, -60), ASN1_TIME_free);
    X509_CRL_set1_lastUpdate(list.get(), time.get());
    X509_gmtime_adj(time.get(), 3600);
    X509_CRL_set1_nextUpdate(list.get(), time.get());
    X509_REVOKED* entry = X509_REVOKED_new();
    const std::unique_ptr<ASN1_INTEGER, void (*)(ASN1_INTEGER*)> serial(ASN1_INTEGER_new(), ASN1_INTEGER_free);
    ASN1_INTEGER_set(serial.get(), _last);
    X509_REVOKED_set_serialNumber(entry, serial.get());
    X509_gmtime_adj(time.get(), -60);
    X509_REVOKED_set_revocationDate(entry, time.get());
    X509_CRL_add0_revoked(list.get(), entry);
    X509_CRL_sign(list.get(), _key.get(), EVP_sha256());
    const File file = open("crl.pem");
    PEM_write_X509_CRL(file.get(), list.get());
    return path("crl.pem");
  }
  std::string path(const std::string& file) const { return _folder.path() + "/" + file; }

 private:
  struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  using Key = std::unique_ptr<EVP_PKEY, Free>;
  using Certificate = std::unique_ptr<X509, Free>;
  using File = std::unique_ptr<std::FILE, Free>;

  X509* make(const Wish& wish, EVP_PKEY* key, bool authority) {
    X509* made = X509_new();
    X509_set_version(made, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made), ++_serial);
    X509_gmtime_adj(X509_getm_notBefore(made), wish.from);
    X509_gmtime_adj(X509_getm_notAfter(made), wish.until);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(wish.commonName.c_str()), -1, -1, 0);
    X509_set_issuer_name(made, X509_get_subject_name(wish.selfSigned ? made : _authority.get()));
    X509_set_pubkey(made, key);
    extend(made, NID_basic_constraints, authority ? "critical,CA:TRUE" : "CA:FALSE");
    if (!wish.names.empty()) extend(made, NID_subject_alt_name, wish.names.c_str());
    X509_sign(made, wish.selfSigned ? key : _key.get(), EVP_sha256());
    return made;
  }
  static void extend(X509* made, int what, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, made, made, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, what, value);
    if (!extension) throw std::runtime_error(value);
    X509_add_ext(made, extension, -1);
    X509_EXTENSION_free(extension);
  }
  File open(const std::string& file) const {
    File opened(std::fopen(path(file).c_str(), "w"));
    if (!opened) throw std::runtime_error(path(file));
    return opened;
  }
  void write(const std::string& name, X509* certificate, EVP_PKEY* key) const {
    const File file = open(name);
    PEM_write_X509(file.get(), certificate);
    if (key) PEM_write_PrivateKey(file.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  }

  TemporaryFolder _folder;
  Key _key;
  Certificate _authority;
  long _serial = 0, _last = 0;
};

}  // namespace Patchbay::Testsuite
