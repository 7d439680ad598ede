#include <cppunit/extensions/HelperMacros.h>

#include <string>
#include <vector>

#include "patchbay/auth/Credentials.h"

using namespace Patchbay;
using Auth::Algorithm;
using Auth::Credentials;
using Reading = Auth::Credentials::Reading;

class DigestTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(DigestTest);
  CPPUNIT_TEST(agreesWithRfc2617);
  CPPUNIT_TEST(agreesWithRfc2069);
  CPPUNIT_TEST(agreesWithRfc7616InMd5AndSha256);
  CPPUNIT_TEST(agreesWithRfc7616InSha512t256);
  CPPUNIT_TEST(readsWhatClientsWrite);
  CPPUNIT_TEST(readsFoldedHeaders);
  CPPUNIT_TEST(knowsOtherSchemes);
  CPPUNIT_TEST(refusesWhatIsMissing);
  CPPUNIT_TEST(refusesMalformedParameters);
  CPPUNIT_TEST(refusesResponsesOfTheWrongLength);
  CPPUNIT_TEST(survivesEveryCut);
  CPPUNIT_TEST(takesStoredHashesOfEitherCase);
  CPPUNIT_TEST(comparesWhole);
  CPPUNIT_TEST_SUITE_END();

  static std::string with(const std::string& change, const std::string& by = "") {
    std::string text =
        "Digest username=\"joe\", realm=\"example.org\", nonce=\"n\", uri=\"sip:example.org\", "
        "response=\"0123456789abcdef0123456789abcdef\", algorithm=MD5, cnonce=\"c\", qop=auth, nc=0000000a";
    const auto at = text.find(change);
    CPPUNIT_ASSERT_MESSAGE(change, at != text.npos);
    return text.replace(at, change.size(), by);
  }
  static Reading read(const std::string& text) {
    const std::vector<char> exact(text.begin(), text.end());  // its end is a heap block's, for the sanitizers
    Credentials credentials;
    return credentials.parse({exact.data(), exact.size()});
  }
  static std::string response(const char* header, const char* method, const char* password) {
    Credentials credentials;
    CPPUNIT_ASSERT(credentials.parse(header) == Reading::sound);
    const auto ha1 = Auth::ha1Of(credentials.algorithm, credentials.username, credentials.realm, password);
    return std::string(Auth::responseOf(credentials, method, ha1.text()).text());
  }

 public:
  // F03
  void agreesWithRfc2617() {
    CPPUNIT_ASSERT_EQUAL(std::string("6629fae49393a05397450978507c4ef1"),
                         response("Digest username=\"Mufasa\", realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
                                  "uri=\"/dir/index.html\", qop=auth, nc=00000001, cnonce=\"0a4f113b\", "
                                  "response=\"6629fae49393a05397450978507c4ef1\", opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"",
                                  "GET", "Circle Of Life"));
  }
  void agreesWithRfc2069() {
    CPPUNIT_ASSERT_EQUAL(std::string("670fd8c2df070c60b045671b8b24ff02"),
                         response("Digest username=\"Mufasa\", realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
                                  "uri=\"/dir/index.html\", response=\"670fd8c2df070c60b045671b8b24ff02\"",
                                  "GET", "Circle Of Life"));
  }
  void agreesWithRfc7616InMd5AndSha256() {
    const std::string common =
        "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", uri=\"/dir/index.html\", "
        "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=00000001, "
        "cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, ";
    const std::string md5 = "8ca523f5e9506fed4657c9700eebdbec";
    const std::string sha = "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1";
    CPPUNIT_ASSERT_EQUAL(md5, response((common + "algorithm=MD5, response=\"" + md5 + "\"").c_str(), "GET", "Circle of Life"));
    CPPUNIT_ASSERT_EQUAL(sha, response((common + "algorithm=SHA-256, response=\"" + sha + "\"").c_str(), "GET", "Circle of Life"));
  }
  /// With the response of the erratum (4897), and the name itself in the place of its hash.
  void agreesWithRfc7616InSha512t256() {
    const std::string sha = "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5";
    const std::string header =
        "Digest username=\"J\xc3\xa4s\xc3\xb8n Doe\", realm=\"api@example.org\", uri=\"/doe.json\", algorithm=SHA-512-256, "
        "nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", nc=00000001, cnonce=\"NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v\", "
        "qop=auth, "
        "response=\"" +
        sha + "\", userhash=false";
    CPPUNIT_ASSERT_EQUAL(sha, response(header.c_str(), "GET", "Secret, or not?"));
  }
  void readsWhatClientsWrite() {
    Credentials credentials;
    const std::string text = with("");
    CPPUNIT_ASSERT(credentials.parse(text) == Reading::sound);
    CPPUNIT_ASSERT_EQUAL(10u, credentials.count);
    CPPUNIT_ASSERT(credentials.username == "joe" && credentials.realm == "example.org" && credentials.cnonce == "c");
    CPPUNIT_ASSERT(read(with("qop=auth", "qop=\"auth\"")) == Reading::sound);
    CPPUNIT_ASSERT(read(with("algorithm=MD5", "algorithm=\"md5\"")) == Reading::sound);
    CPPUNIT_ASSERT(read(with(", ", ",")) == Reading::sound);
    CPPUNIT_ASSERT(read(with("realm=", "rEaLm =\t")) == Reading::sound);
    CPPUNIT_ASSERT(read(with("nc=0000000a", "nc=0000000A, opaque=\"a, b\\\"c\", unknown=1/2")) == Reading::sound);
  }
  // F21
  void readsFoldedHeaders() { CPPUNIT_ASSERT(read(with(", realm", ",\r\n realm")) == Reading::sound); }
  // F23
  void knowsOtherSchemes() {
    CPPUNIT_ASSERT(read("Basic am9lOng=") == Reading::unknown);
    CPPUNIT_ASSERT(read("") == Reading::unknown);
    CPPUNIT_ASSERT(read("Digest") == Reading::broken);
    CPPUNIT_ASSERT(read("Digest,x=1") == Reading::unknown);
    CPPUNIT_ASSERT(read(with("algorithm=MD5", "algorithm=MD5-sess")) == Reading::unknown);
  }
  // F13
  void refusesWhatIsMissing() {
    for (const char* part : {"username=\"joe\", ", "realm=\"example.org\", ", "nonce=\"n\", ", "uri=\"sip:example.org\", ",
                             "response=\"0123456789abcdef0123456789abcdef\", ", "cnonce=\"c\", ", ", nc=0000000a", "qop=auth, "})
      CPPUNIT_ASSERT_MESSAGE(part, read(with(part)) == Reading::broken);
    for (const char* part : {"joe", "example.org", "sip:example.org"}) CPPUNIT_ASSERT_MESSAGE(part, read(with(part)) == Reading::broken);
  }
  // F20, F21
  void refusesMalformedParameters() {
    for (const char* part : {"username=joe", "username=\"j\\oe\"", "username=\"j\roe\"", "username=\"joe\", username=\"ann\"",
                             "username*=UTF-8''joe", "username", "username=", "=\"joe\"", "userhash=true, username=\"joe\""})
      CPPUNIT_ASSERT_MESSAGE(part, read(with("username=\"joe\"", part)) == Reading::broken);
    for (const char* part : {"nc=00000000", "nc=000000001", "nc=1", "nc=0000000g", "nc="})
      CPPUNIT_ASSERT_MESSAGE(part, read(with("nc=0000000a", part)) == Reading::broken);
    CPPUNIT_ASSERT(read(with("qop=auth", "qop=auth-int")) == Reading::broken);
    CPPUNIT_ASSERT(read(with("username=\"joe\"", "username=\"" + std::string(255, 'x') + "\"")) == Reading::broken);
    CPPUNIT_ASSERT(read(with("username=\"joe\"", std::string("username=\"j\0e\"", 14))) == Reading::broken);
    std::string many = with("");
    for (int i = 0; i < 1000; ++i) many += ", x=1";
    CPPUNIT_ASSERT(read(many) == Reading::broken);
  }
  // F20
  void refusesResponsesOfTheWrongLength() {
    const std::string right = "0123456789abcdef0123456789abcdef";
    for (const auto& wrong : {std::string(), std::string(31, '0'), std::string(33, '0'), std::string(64, '0'), std::string(32, 'A')})
      CPPUNIT_ASSERT_MESSAGE(wrong, read(with(right, wrong)) == Reading::broken);
    CPPUNIT_ASSERT(read(with("response=\"" + right + "\", algorithm=MD5", "algorithm=SHA-256, response=\"" + right + "\"")) ==
                   Reading::broken);
  }
  // F21, A33
  void survivesEveryCut() {
    const std::string whole = with("");
    size_t sound = 0;
    for (size_t length = 0; length < whole.size(); ++length) sound += read(whole.substr(0, length)) == Reading::sound ? 1 : 0;
    CPPUNIT_ASSERT_EQUAL(size_t{3}, sound);  // behind response, algorithm and cnonce: whole in the older form
  }
  void takesStoredHashesOfEitherCase() {
    const auto digest = Auth::hexDigestOf(Algorithm::md5, "0123456789ABCDEF0123456789abcdef");
    CPPUNIT_ASSERT(digest && digest->text() == "0123456789abcdef0123456789abcdef");
    CPPUNIT_ASSERT(!Auth::hexDigestOf(Algorithm::sha256, "0123456789ABCDEF0123456789abcdef"));
    CPPUNIT_ASSERT(!Auth::hexDigestOf(Algorithm::md5, "x123456789ABCDEF0123456789abcdef"));
    CPPUNIT_ASSERT(!Auth::hexDigestOf(Algorithm::md5, ""));
  }
  void comparesWhole() {
    CPPUNIT_ASSERT(Auth::equalInConstantTime("abc", "abc"));
    CPPUNIT_ASSERT(!Auth::equalInConstantTime("abc", "abd"));
    CPPUNIT_ASSERT(!Auth::equalInConstantTime("abc", "ab"));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DigestTest);
