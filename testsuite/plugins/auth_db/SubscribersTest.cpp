#include <cppunit/extensions/HelperMacros.h>

#include "Subscribers.h"

using namespace Patchbay;
using Auth::Algorithm;
using AuthDb::Subscribers;

class SubscribersTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(SubscribersTest);
  CPPUNIT_TEST(takesPlainPasswordsForEveryAlgorithm);
  CPPUNIT_TEST(takesTheHashesOfKamailio);
  CPPUNIT_TEST(takesItsOwnHashes);
  CPPUNIT_TEST(hasNothingForOthers);
  CPPUNIT_TEST(takesRowsWithoutDomainForTheDefaultOne);
  CPPUNIT_TEST(storesHashesOfWhatItWouldAsk);
  CPPUNIT_TEST_SUITE_END();

  static Auth::Claim claim(Algorithm algorithm, const char* username = "joe", const char* realm = "example.org") {
    Auth::Claim claim;
    claim.credentials.username = username;
    claim.credentials.algorithm = algorithm;
    claim.realm = realm;
    claim.user = std::string_view(username).substr(0, std::string_view(username).find('@'));
    claim.withDomain = claim.user.size() != std::string_view(username).size();
    return claim;
  }
  static std::string ha1(const std::vector<Data::Row>& rows, const Auth::Claim& claim, bool hashes = false,
                         const std::string& defaultDomain = "") {
    const auto found = Subscribers("subscriber", defaultDomain).ha1Of(rows, claim, hashes);
    return found ? std::string(found->text()) : "none";
  }
  static std::string computed(Algorithm algorithm, const char* user, const char* password) {
    return std::string(Auth::ha1Of(algorithm, user, "example.org", password).text());
  }
  static Data::Row row(const char* user, const char* domain, const char* password, const std::string& ha1 = "",
                       const std::string& ha1b = "") {
    return {std::string(user), std::string(domain), std::string(password), ha1, ha1b};
  }

 public:
  void takesPlainPasswordsForEveryAlgorithm() {
    for (const auto algorithm : {Algorithm::md5, Algorithm::sha256, Algorithm::sha512t256})
      CPPUNIT_ASSERT_EQUAL(computed(algorithm, "joe", "secret"), ha1({row("joe", "example.org", "secret")}, claim(algorithm)));
    CPPUNIT_ASSERT_EQUAL(computed(Algorithm::md5, "joe@example.org", "secret"),
                         ha1({row("joe", "EXAMPLE.org", "secret")}, claim(Algorithm::md5, "joe@example.org")));
  }
  // REQ 35
  void takesTheHashesOfKamailio() {
    const std::string plain(32, 'a'), whole(32, 'b');
    const std::vector<Data::Row> rows{row("joe", "example.org", "", plain, whole)};
    CPPUNIT_ASSERT_EQUAL(plain, ha1(rows, claim(Algorithm::md5)));
    CPPUNIT_ASSERT_EQUAL(whole, ha1(rows, claim(Algorithm::md5, "joe@example.org")));
    CPPUNIT_ASSERT_EQUAL(std::string("none"), ha1(rows, claim(Algorithm::sha256)));
    CPPUNIT_ASSERT_EQUAL(std::string("none"), ha1({row("joe", "example.org", "", "junk")}, claim(Algorithm::md5)));
  }
  void takesItsOwnHashes() {
    const std::vector<Data::Row> rows{Subscribers::hashRow("joe", "example.org", "secret", "")};
    for (const auto algorithm : {Algorithm::sha256, Algorithm::sha512t256}) {
      CPPUNIT_ASSERT_EQUAL(computed(algorithm, "joe", "secret"), ha1(rows, claim(algorithm), true));
      CPPUNIT_ASSERT_EQUAL(computed(algorithm, "joe@example.org", "secret"), ha1(rows, claim(algorithm, "joe@example.org"), true));
    }
  }
  /// Whatever a database that compares without case gives.
  void hasNothingForOthers() {
    const std::vector<Data::Row> rows{row("Joe", "example.org", "x"), row("joe", "example.net", "x"), row("joe", "", "x"), {}};
    CPPUNIT_ASSERT_EQUAL(std::string("none"), ha1(rows, claim(Algorithm::md5)));
  }
  void takesRowsWithoutDomainForTheDefaultOne() {
    const std::vector<Data::Row> rows{row("joe", "", "old"), row("joe", "example.org", "secret")};
    CPPUNIT_ASSERT_EQUAL(computed(Algorithm::md5, "joe", "secret"), ha1(rows, claim(Algorithm::md5), false, "example.org"));
    CPPUNIT_ASSERT_EQUAL(computed(Algorithm::md5, "joe", "old"), ha1({rows[0]}, claim(Algorithm::md5), false, "example.org"));
    CPPUNIT_ASSERT_EQUAL(std::string("none"), ha1({rows[0]}, claim(Algorithm::md5), false, "example.net"));
    const Subscribers table("subscriber", "example.org");
    CPPUNIT_ASSERT_EQUAL(size_t{1}, table.columnsFor("example.org").size());
    CPPUNIT_ASSERT_EQUAL(size_t{2}, table.columnsFor("example.net").size());
  }
  // F25: the password itself is stored only when asked for
  void storesHashesOfWhatItWouldAsk() {
    const auto hashed = Subscribers::userRow("joe", "example.org", "secret", false);
    CPPUNIT_ASSERT_EQUAL(std::string(), std::get<std::string>(hashed[2]));
    CPPUNIT_ASSERT_EQUAL(computed(Algorithm::md5, "joe", "secret"), ha1({hashed}, claim(Algorithm::md5)));
    CPPUNIT_ASSERT_EQUAL(computed(Algorithm::md5, "joe@example.org", "secret"), ha1({hashed}, claim(Algorithm::md5, "joe@example.org")));
    CPPUNIT_ASSERT_EQUAL(std::string("secret"), std::get<std::string>(Subscribers::userRow("joe", "example.org", "secret", true)[2]));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SubscribersTest);
