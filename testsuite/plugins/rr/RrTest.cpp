#include <cppunit/extensions/HelperMacros.h>

#include "RrPlugin.h"
#include "RuleDesk.h"

using namespace Patchbay;
using namespace std::chrono_literals;

class RrTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(RrTest);
  CPPUNIT_TEST(putsASignedRecordRouteOnTop);
  CPPUNIT_TEST(recordsOnce);
  CPPUNIT_TEST(recordsSecureRequestsSecurely);
  CPPUNIT_TEST(refusesABadClass);
  CPPUNIT_TEST(verifiesTheCallersRequests);
  CPPUNIT_TEST(verifiesTheCalleesRequests);
  CPPUNIT_TEST(verifiesNothingForged);
  CPPUNIT_TEST(verifiesNothingOfAnotherDialog);
  CPPUNIT_TEST(verifiesNothingWithoutToTag);
  CPPUNIT_TEST(verifiesNothingOld);
  CPPUNIT_TEST(survivesAFoldedEcho);
  CPPUNIT_TEST(takesAnUnsignedRouteOfOurs);
  CPPUNIT_TEST(leavesAForeignRoute);
  CPPUNIT_TEST(doesNothingWithoutRoute);
  CPPUNIT_TEST(takesBothOfOurDoubleRoute);
  CPPUNIT_TEST(writesASecondOneForAnotherListener);
  CPPUNIT_TEST(goesOutByTheListenerOfTheOtherSide);
  CPPUNIT_TEST(takesOursAndLeavesTheRest);
  CPPUNIT_TEST(doesNotTakeOursBehindAnother);
  CPPUNIT_TEST(undoesStrictRouting);
  CPPUNIT_TEST(undoesStrictRoutingWithMoreRoutes);
  CPPUNIT_TEST(keepsTheRequestUriOfOthers);
  CPPUNIT_TEST(answersTheSameWhenAskedAgain);
  CPPUNIT_TEST(keepsTheClassInLaterRequests);
  CPPUNIT_TEST(signsForTheOneWhoBegan);
  CPPUNIT_TEST_SUITE_END();

  Rr::RrPlugin plugin;
  std::optional<Testsuite::RuleDesk> desk;

  static constexpr const char* Loose =
      "<rule if='loose_route()'><mark text='taken'/></rule>"
      "<rule if='rr.verified'><mark text='verified ${rr.class} ${rr.direction}'/></rule>"
      "<rule if='route.next'><mark text='next=${route.next}'/></rule>";

  struct Dialog {
    std::string method = "BYE", uri = "sip:bob@198.51.100.9", from = "a", to = "b", callId = "c1", routes = {};
    std::string text() const {
      return method + " " + uri + " SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\n" + routes +
             "Max-Forwards: 70\r\nFrom: <sip:alice@h>;tag=" + from + "\r\nTo: <sip:bob@example.org>" + (to.empty() ? "" : ";tag=" + to) +
             "\r\nCall-ID: " + callId + "\r\nCSeq: 1 " + method + "\r\n\r\n";
    }
  };
  void load(const std::string& rules) { CPPUNIT_ASSERT_EQUAL(std::string(), desk->load(rules)); }
  std::string lineOf(const std::string& name) const {
    const auto written = desk->written();
    const auto at = written.find("\r\n" + name + ": ");
    return at == std::string::npos ? "" : written.substr(at + name.size() + 4, written.find("\r\n", at + 2) - at - name.size() - 4);
  }
  size_t linesOf(const std::string& name) const {
    const auto written = desk->written();
    size_t count = 0;
    for (auto at = written.find("\r\n" + name + ":"); at != std::string::npos; at = written.find("\r\n" + name + ":", at + 1)) ++count;
    return count;
  }
  /// What an INVITE of dialog c1, begun by tag a, got.
  std::string recorded(const std::string& dialogClass = "local") {
    load("<record_route class='" + dialogClass + "'/>");
    desk->run(Dialog{"INVITE", "sip:bob@example.org", "a", ""}.text());
    return lineOf("Record-Route");
  }
  std::string loose(const Dialog& dialog) {
    load(Loose);
    return desk->run(dialog.text());
  }
  static Dialog withRoute(const std::string& value) {
    Dialog dialog;
    dialog.routes = "Route: " + value + "\r\n";
    return dialog;
  }

 public:
  void setUp() override { desk.emplace(plugin); }
  void tearDown() override { desk.reset(); }

  // D10
  void putsASignedRecordRouteOnTop() {
    load("<record_route class='local'/>");
    Dialog dialog{"INVITE", "sip:bob@example.org", "a", ""};
    dialog.routes = "Record-Route: <sip:other;lr>\r\n";
    desk->run(dialog.text());
    const auto line = lineOf("Record-Route");
    CPPUNIT_ASSERT_EQUAL(std::string("<sip:192.0.2.1:5060;lr;sig="), line.substr(0, 27));
    CPPUNIT_ASSERT(line.ends_with(".local>"));
    CPPUNIT_ASSERT_EQUAL(size_t{2}, linesOf("Record-Route"));
    CPPUNIT_ASSERT(Parser::parseAddress(line));
    CPPUNIT_ASSERT_EQUAL(1.0, desk->host.value("rr_recorded_total"));
  }
  void recordsOnce() {
    load("<record_route/><record_route/>");
    desk->run(Dialog{"INVITE", "sip:bob@example.org", "a", ""}.text());
    CPPUNIT_ASSERT_EQUAL(size_t{1}, linesOf("Record-Route"));
  }
  void recordsSecureRequestsSecurely() {
    load("<record_route/>");
    desk->run(Dialog{"INVITE", "sips:bob@example.org", "a", ""}.text());
    CPPUNIT_ASSERT(lineOf("Record-Route").starts_with("<sips:192.0.2.1:5060;lr;"));
  }
  void refusesABadClass() { CPPUNIT_ASSERT(desk->load("<record_route class='a;b'/>").find("class 'a;b'") != std::string::npos); }
  void verifiesTheCallersRequests() {
    const auto route = recorded();
    CPPUNIT_ASSERT_EQUAL(std::string("taken verified local downstream"), loose(withRoute(route)));
    CPPUNIT_ASSERT_EQUAL(size_t{0}, linesOf("Route"));
    CPPUNIT_ASSERT_EQUAL(1.0, desk->host.value("rr_verified_total"));
  }
  void verifiesTheCalleesRequests() {
    auto dialog = withRoute(recorded());
    std::swap(dialog.from, dialog.to);
    CPPUNIT_ASSERT_EQUAL(std::string("taken verified local upstream"), loose(dialog));
  }
  // G07
  void verifiesNothingForged() {
    auto route = recorded();
    route[route.find("sig=") + 20] ^= 1;
    CPPUNIT_ASSERT_EQUAL(std::string("taken"), loose(withRoute(route)));
    CPPUNIT_ASSERT_EQUAL(1.0, desk->host.value("rr_unproved_total"));
    CPPUNIT_ASSERT_EQUAL(std::string("taken"), loose(withRoute("<sip:192.0.2.1:5060;lr;sig=x>")));
  }
  // G07
  void verifiesNothingOfAnotherDialog() {
    const auto route = recorded();
    auto dialog = withRoute(route);
    dialog.callId = "c2";
    CPPUNIT_ASSERT_EQUAL(std::string("taken"), loose(dialog));
    dialog = withRoute(route);
    dialog.from = "x";
    CPPUNIT_ASSERT_EQUAL(std::string("taken"), loose(dialog));
  }
  // G02
  void verifiesNothingWithoutToTag() {
    auto dialog = withRoute(recorded());
    dialog.to = "";
    CPPUNIT_ASSERT_EQUAL(std::string("taken"), loose(dialog));
  }
  void verifiesNothingOld() {
    const auto route = recorded();
    desk->host.environment_.clock.move(7 * 24h);
    CPPUNIT_ASSERT_EQUAL(std::string("taken verified local downstream"), loose(withRoute(route)));
    desk->host.environment_.clock.move(1min);
    CPPUNIT_ASSERT_EQUAL(std::string("taken"), loose(withRoute(route)));
  }
  void survivesAFoldedEcho() {
    auto route = recorded("");
    for (char& c : route) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    CPPUNIT_ASSERT_EQUAL(std::string("taken verified  downstream"), loose(withRoute(route)));
  }
  // G02
  void takesAnUnsignedRouteOfOurs() {
    Dialog dialog{"INVITE", "sip:bob@example.org", "a", "", "c1", "Route: <sip:192.0.2.1;lr>\r\n"};
    CPPUNIT_ASSERT_EQUAL(std::string("taken"), loose(dialog));
    CPPUNIT_ASSERT_EQUAL(size_t{0}, linesOf("Route"));
    dialog.routes = "Route: <sip:192.0.2.1:5060>\r\n";  // without lr
    CPPUNIT_ASSERT_EQUAL(std::string("taken"), loose(dialog));
    CPPUNIT_ASSERT_EQUAL(0.0, desk->host.value("rr_unproved_total"));
  }
  // G02
  void leavesAForeignRoute() {
    CPPUNIT_ASSERT_EQUAL(std::string("next=sip:203.0.113.1;lr"), loose(withRoute("<sip:203.0.113.1;lr>")));
    CPPUNIT_ASSERT(desk->request.edits.empty());
    CPPUNIT_ASSERT_EQUAL(std::string("next=sip:192.0.2.1:5062;lr"), loose(withRoute("<sip:192.0.2.1:5062;lr>")));
  }
  void doesNothingWithoutRoute() {
    CPPUNIT_ASSERT_EQUAL(std::string(), loose(Dialog{}));
    CPPUNIT_ASSERT(desk->request.edits.empty());
  }
  // D10, D11
  void takesBothOfOurDoubleRoute() {
    const auto route = recorded();
    for (const auto& routes : {"Route: " + route + ", " + route + "\r\n", "Route: " + route + "\r\nRoute: " + route + "\r\n"}) {
      Dialog dialog;
      dialog.routes = routes;
      CPPUNIT_ASSERT_EQUAL(std::string("taken verified local downstream"), loose(dialog));
      CPPUNIT_ASSERT_EQUAL(size_t{0}, linesOf("Route"));
    }
  }
  // D10, N01; RFC 5658
  void writesASecondOneForAnotherListener() {
    const auto route = recorded();
    char text[512];
    Parser::Writer same(text, sizeof text);
    Core::writeSecondRecordRoute(desk->core, desk->request, {&desk->transport.all[0], {}, 0}, same);
    CPPUNIT_ASSERT_EQUAL(size_t{0}, same.size());
    Parser::Writer other(text, sizeof text);
    Core::writeSecondRecordRoute(desk->core, desk->request, {&desk->transport.all[1], {}, 0}, other);
    CPPUNIT_ASSERT_EQUAL("Record-Route: <sip:[2001:db8::1]:5060" + route.substr(route.find(';')) + "\r\n", std::string(other.written()));
    load("<mark/>");
    desk->run(Dialog{}.text());  // not record-routed
    Parser::Writer none(text, sizeof text);
    Core::writeSecondRecordRoute(desk->core, desk->request, {&desk->transport.all[1], {}, 0}, none);
    CPPUNIT_ASSERT_EQUAL(size_t{0}, none.size());
  }
  // D10, N01
  void goesOutByTheListenerOfTheOtherSide() {
    const auto route = recorded();
    const auto second = "<sip:[2001:db8::1]:5060" + route.substr(route.find(';'));
    CPPUNIT_ASSERT_EQUAL(std::string("taken verified local downstream"), loose(withRoute(route + ", " + second)));
    CPPUNIT_ASSERT(desk->request.destinations.main().listener == &desk->transport.all[1]);
    CPPUNIT_ASSERT_EQUAL(std::string("taken verified local downstream"), loose(withRoute(second + ", " + route)));
    CPPUNIT_ASSERT(desk->request.destinations.main().listener == &desk->transport.all[0]);
    CPPUNIT_ASSERT_EQUAL(std::string("taken"), loose(withRoute("<sip:[2001:db8::1]:5060;lr>")));
    CPPUNIT_ASSERT(!desk->request.destinations.main().listener);
  }
  // D11
  void takesOursAndLeavesTheRest() {
    const auto route = recorded();
    const std::string rest = "<sip:p1;lr>", more = "<sip:p2;lr>";
    const std::string expected = "taken verified local downstream next=sip:p1;lr";
    for (const auto& routes :
         {"Route: " + route + ", " + rest + "," + more + "\r\n", "Route: " + route + "\r\nRoute: " + rest + "," + more + "\r\n",
          "Route: " + route + "\r\nX: y\r\nRoute: " + route + " ,\r\n " + rest + "," + more + "\r\n"}) {
      Dialog dialog;
      dialog.routes = routes;
      CPPUNIT_ASSERT_EQUAL(expected, loose(dialog));
      CPPUNIT_ASSERT_EQUAL(rest + "," + more, lineOf("Route"));
      CPPUNIT_ASSERT_EQUAL(size_t{1}, linesOf("Route"));
    }
  }
  void doesNotTakeOursBehindAnother() {
    const auto route = recorded();
    CPPUNIT_ASSERT_EQUAL(std::string("next=sip:p1;lr"), loose(withRoute("<sip:p1;lr>, " + route)));
    CPPUNIT_ASSERT(desk->request.edits.empty());
  }
  // D11; RFC 3261, 16.4
  void undoesStrictRouting() {
    auto route = recorded();
    route = route.substr(1, route.size() - 2);
    auto dialog = withRoute("<sip:bob@198.51.100.9>");
    dialog.uri = route;
    CPPUNIT_ASSERT_EQUAL(std::string("taken verified local downstream"), loose(dialog));
    CPPUNIT_ASSERT(desk->written().starts_with("BYE sip:bob@198.51.100.9 SIP/2.0\r\n"));
    CPPUNIT_ASSERT_EQUAL(size_t{0}, linesOf("Route"));
  }
  void undoesStrictRoutingWithMoreRoutes() {
    auto route = recorded();
    route = route.substr(1, route.size() - 2);
    auto dialog = withRoute("<sip:p1;lr>, <sip:p2;lr> , <sip:bob@198.51.100.9>");
    dialog.uri = route;
    CPPUNIT_ASSERT_EQUAL(std::string("taken verified local downstream next=sip:p1;lr"), loose(dialog));
    CPPUNIT_ASSERT(desk->written().starts_with("BYE sip:bob@198.51.100.9 SIP/2.0\r\n"));
    CPPUNIT_ASSERT_EQUAL(std::string("<sip:p1;lr>, <sip:p2;lr>"), lineOf("Route"));
    dialog.routes = "Route: <" + route + ">, <sip:bob@198.51.100.9>\r\n";  // ours is doubled
    CPPUNIT_ASSERT_EQUAL(std::string("taken verified local downstream"), loose(dialog));
    CPPUNIT_ASSERT_EQUAL(size_t{0}, linesOf("Route"));
  }
  void keepsTheRequestUriOfOthers() {
    for (const char* uri : {"sip:bob@192.0.2.1", "sip:203.0.113.1;sig=1", "sip:bob@192.0.2.1;transport=udp"}) {
      auto dialog = withRoute("<sip:203.0.113.9;lr>");
      dialog.uri = uri;
      CPPUNIT_ASSERT_EQUAL(std::string("next=sip:203.0.113.9;lr"), loose(dialog));
      CPPUNIT_ASSERT(desk->written().starts_with("BYE " + std::string(uri) + " SIP/2.0\r\n"));
    }
  }
  void answersTheSameWhenAskedAgain() {
    const auto route = recorded();
    load("<loose_route/><rule if='loose_route()'><mark text='taken'/></rule>");
    CPPUNIT_ASSERT_EQUAL(std::string("taken"), desk->run(withRoute(route).text()));
    CPPUNIT_ASSERT_EQUAL(std::string(""), desk->run(withRoute("<sip:p1;lr>").text()));
  }
  void keepsTheClassInLaterRequests() {
    const auto route = recorded("pstn");
    load("<loose_route/><record_route/>");
    desk->run(withRoute(route).text());
    CPPUNIT_ASSERT(lineOf("Record-Route").ends_with(".pstn>"));
  }
  void signsForTheOneWhoBegan() {
    auto dialog = withRoute(recorded());
    std::swap(dialog.from, dialog.to);
    load("<loose_route/><record_route/>");
    desk->run(dialog.text());
    auto later = withRoute(lineOf("Record-Route"));
    CPPUNIT_ASSERT_EQUAL(std::string("taken verified local downstream"), loose(later));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(RrTest);
