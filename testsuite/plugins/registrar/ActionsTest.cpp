#include <cppunit/extensions/HelperMacros.h>

#include <set>

#include "FakeHost.h"
#include "RegistrarPlugin.h"
#include "Stage.h"
#include "patchbay/pipeline/Program.h"

namespace Patchbay::Testsuite {

namespace {

using Pipeline::Ending;

class FakeUsrloc : public Usrloc::Service {
 public:
  explicit FakeUsrloc(const FakeClock& clock) : _clock(clock) {}
  Usrloc::Table& table(std::string_view name) override {
    auto& table = tables[std::string(name)];
    if (!table) table = std::make_unique<FakeTable>(_clock);
    return *table;
  }
  void add(Usrloc::Observer&) override {}
  std::map<std::string, std::unique_ptr<FakeTable>> tables;

 private:
  const FakeClock& _clock;
};

class Endings : public Pipeline::MachineOwner {
 public:
  void ended(Pipeline::Machine& machine, Ending ending) override {
    all.push_back(ending);
    error = machine.errorText();
  }
  std::vector<Ending> all;
  std::string error;
};

/// save, lookup and registered as rules use them.
class ActionsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ActionsTest);
  CPPUNIT_TEST(saveAnswersWithTheList);
  CPPUNIT_TEST(saveWaitsForTheCommit);
  CPPUNIT_TEST(saveIsAnErrorWhenTheDatabaseRefuses);
  CPPUNIT_TEST(saveOfTheSameRequestWaitsForTheCommitToo);
  CPPUNIT_TEST(saveGivesUpAtItsDeadline);
  CPPUNIT_TEST(refusalsSayWhatIsAllowed);
  CPPUNIT_TEST(fullTableIs503);
  CPPUNIT_TEST(everythingIsAnErrorWhileLoading);
  CPPUNIT_TEST(saveIsForRegisterOnly);
  CPPUNIT_TEST(saveKeepsPathAndListener);
  CPPUNIT_TEST(lookupRewritesTheUri);
  CPPUNIT_TEST(lookupFindsNothing);
  CPPUNIT_TEST(lookupOrdersByQ);
  CPPUNIT_TEST(lookupTakesTheFreshestFirst);
  CPPUNIT_TEST(lookupTakesOneContact);
  CPPUNIT_TEST(lookupStopsAtTheBranchLimit);
  CPPUNIT_TEST(aliasThenLocation);
  CPPUNIT_TEST(registeredAsksOnly);
  CPPUNIT_TEST(tablesExistWhenRulesNameThem);
  CPPUNIT_TEST(refusesStrangeTableNames);
  CPPUNIT_TEST(refusesContradictorySettings);
  CPPUNIT_TEST_SUITE_END();

 public:
  void tearDown() override {
    _requests.clear();
    _program.reset();
    _host.reset();
  }

  void saveAnswersWithTheList() {
    begin("<save/>");
    send(registerText("Contact: <sip:joe@198.51.100.7:5062>\r\n"));
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _core.answers.size());
    CPPUNIT_ASSERT_EQUAL(200, _core.answers[0].code);
    CPPUNIT_ASSERT_EQUAL("Contact: <sip:joe@198.51.100.7:5062>;expires=3600\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\n"s,
                         _core.answers[0].lines);
    CPPUNIT_ASSERT(_endings.all == std::vector{Ending::settled});
    CPPUNIT_ASSERT_EQUAL(1.0, _host->value("registrar_accepted_total"));
  }

  /// J01
  void saveWaitsForTheCommit() {
    begin("<save/>");
    location().writesThrough = true;
    for (int i = 0; i < 3; ++i)
      send(registerText("Contact: <sip:joe@198.51.100.7:506" + std::to_string(i) + ">\r\n", "<sip:joe@x>", "c" + std::to_string(i)));
    CPPUNIT_ASSERT(_core.answers.empty() && _endings.all.empty());
    for (auto& commit : location().waiting) commit(true);
    CPPUNIT_ASSERT_EQUAL(size_t{3}, _core.answers.size());
    CPPUNIT_ASSERT(_core.answers[0].lines.find(":5061") == std::string::npos);  // each with the list of its own moment
    CPPUNIT_ASSERT(_core.answers[2].lines.find(":5061") != std::string::npos);
    CPPUNIT_ASSERT((_endings.all == std::vector{Ending::settled, Ending::settled, Ending::settled}));
  }

  void saveIsAnErrorWhenTheDatabaseRefuses() {
    begin("<save/>");
    location().writesThrough = true;
    send(registerText("Contact: <sip:joe@198.51.100.7>\r\n"));
    location().waiting.at(0)(false);
    CPPUNIT_ASSERT(_core.answers.empty());
    CPPUNIT_ASSERT(_endings.all == std::vector{Ending::failed});
    CPPUNIT_ASSERT_MESSAGE(_endings.error, _endings.error.find("database") != std::string::npos);
  }

  /// J01: the same request by another way (RFC 3263, 4.3) gets no 200 for what the first could not write.
  void saveOfTheSameRequestWaitsForTheCommitToo() {
    begin("<save/>");
    location().writesThrough = true;
    const std::string text = registerText("Contact: <sip:joe@198.51.100.7>\r\n");
    send(text);
    location().waiting.at(0)(false);
    send(text);
    CPPUNIT_ASSERT(_core.answers.empty());
    CPPUNIT_ASSERT_EQUAL(size_t{2}, location().waiting.size());
    location().waiting.at(1)(true);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _core.answers.size());
  }

  void saveGivesUpAtItsDeadline() {
    begin("<save/>");
    location().writesThrough = true;
    send(registerText("Contact: <sip:joe@198.51.100.7>\r\n"));
    _host->environment_.advance(1999ms);
    CPPUNIT_ASSERT(_endings.all.empty());
    _host->environment_.advance(2ms);
    CPPUNIT_ASSERT(_endings.all == std::vector{Ending::failed});
    location().waiting.at(0)(true);  // late: ends nothing twice
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _endings.all.size());
  }

  void refusalsSayWhatIsAllowed() {
    begin("<save/>");
    send(registerText("Contact: <sip:joe@198.51.100.7>;expires=1\r\n"));
    CPPUNIT_ASSERT_EQUAL(423, _core.answers.at(0).code);
    CPPUNIT_ASSERT_EQUAL("Min-Expires: 60\r\n"s, _core.answers[0].lines);
    send(registerText("Require: gruu\r\nContact: <sip:joe@198.51.100.7>\r\n"));
    CPPUNIT_ASSERT_EQUAL(420, _core.answers.at(1).code);
    CPPUNIT_ASSERT_EQUAL("Unsupported: gruu\r\n"s, _core.answers[1].lines);
    send(registerText("Contact: *\r\n"));
    CPPUNIT_ASSERT_EQUAL(400, _core.answers.at(2).code);
    CPPUNIT_ASSERT_EQUAL(3.0, _host->value("registrar_refused_total"));
    CPPUNIT_ASSERT((_endings.all == std::vector{Ending::settled, Ending::settled, Ending::settled}));
  }

  /// E14, H: what is refused together does not come back together.
  void fullTableIs503() {
    begin("<save/>");
    location().full = true;
    std::set<std::string> lines;
    for (int i = 0; i < 20; ++i) {
      send(registerText("Contact: <sip:joe@198.51.100.7>\r\n"));
      CPPUNIT_ASSERT_EQUAL(503, _core.answers.back().code);
      const std::string line = *lines.insert(_core.answers.back().lines).first;
      const int seconds = std::stoi(line.substr("Retry-After: "s.size()));
      CPPUNIT_ASSERT_MESSAGE(line, line == "Retry-After: " + std::to_string(seconds) + "\r\n" && seconds >= 30 && seconds < 90);
    }
    CPPUNIT_ASSERT(lines.size() > 5);
    CPPUNIT_ASSERT_EQUAL(20.0, _host->value("registrar_refused_total"));
    CPPUNIT_ASSERT_EQUAL(""s, location().uris("joe@x"));
  }

  /// L13
  void everythingIsAnErrorWhileLoading() {
    for (const char* rules : {"<save/>", "<lookup/>", "<rule if=\"registered()\"><lookup/></rule>"}) {
      begin(rules);
      location().loading = true;
      send(registerText("Contact: <sip:joe@198.51.100.7>\r\n"));
      CPPUNIT_ASSERT_MESSAGE(rules, _endings.all == std::vector{Ending::failed});
      CPPUNIT_ASSERT(_core.answers.empty());
    }
  }

  void saveIsForRegisterOnly() {
    begin("<save/>");
    send(invite());
    CPPUNIT_ASSERT(_endings.all == std::vector{Ending::failed});
  }

  void saveKeepsPathAndListener() {
    begin("<save/>");
    send(registerText("Supported: path\r\nPath: <sip:p1;lr>\r\nUser-Agent: phone\r\nContact: <sip:joe@198.51.100.7>\r\n"));
    CPPUNIT_ASSERT(_core.answers.at(0).lines.find("\r\nPath: <sip:p1;lr>\r\n") != std::string::npos);
    const auto& contact = location().only("joe@x");
    CPPUNIT_ASSERT_EQUAL("<sip:p1;lr>"s, std::string(contact.path));
    CPPUNIT_ASSERT_EQUAL("phone"s, std::string(contact.userAgent));
    CPPUNIT_ASSERT_EQUAL(uint16_t{1}, contact.listener);
  }

  void lookupRewritesTheUri() {
    begin("<lookup/>");
    auto contact = phone("sip:joe@198.51.100.7:5062");
    contact.received = "sip:192.0.2.1:1024";
    contact.path = "<sip:p1;lr>";
    contact.listener = 1;
    contact.flags = 5;
    location().put("joe@x", contact);
    auto& request = send(invite());
    const auto& main = request.destinations.main();
    CPPUNIT_ASSERT_EQUAL(size_t{1}, request.destinations.all().size());
    CPPUNIT_ASSERT_EQUAL("sip:joe@198.51.100.7:5062"s, std::string(main.uri));
    CPPUNIT_ASSERT_EQUAL("sip:192.0.2.1:1024"s, std::string(main.nextHop));
    CPPUNIT_ASSERT_EQUAL("<sip:p1;lr>"s, std::string(main.path));
    CPPUNIT_ASSERT(main.listener == &_transport.listeners()[1] && main.flags == 5 && main.q == 1000);
    CPPUNIT_ASSERT_EQUAL("198.51.100.7"s, std::string(request.uri()->host));
    CPPUNIT_ASSERT_EQUAL("sip:joe@x"s, std::string(request.originalUri()));
  }

  void lookupFindsNothing() {
    begin("<rule if=\"!lookup()\"><stop/></rule><rule if=\"lookup()\"><lookup/></rule>");
    auto& request = send(invite());
    CPPUNIT_ASSERT(_endings.all == std::vector{Ending::stopped});
    CPPUNIT_ASSERT_EQUAL("sip:joe@x"s, std::string(request.destinations.main().uri));
    send(invite("sip:x"));
    send(invite("tel:123"));
    send(invite("sip:" + std::string(600, 'a') + "@x"));
    CPPUNIT_ASSERT((_endings.all == std::vector{Ending::stopped, Ending::stopped, Ending::stopped, Ending::stopped}));
    CPPUNIT_ASSERT_EQUAL(4.0, _host->value("registrar_missed_total"));
  }

  /// REQ 71, E17
  void lookupOrdersByQ() {
    begin("<lookup/>");
    putSeveral();
    CPPUNIT_ASSERT_EQUAL("sip:c@198.51.100.7 sip:d@198.51.100.7 sip:b@198.51.100.7 sip:a@198.51.100.7"s, targets(send(invite())));
  }

  void lookupTakesTheFreshestFirst() {
    begin("<lookup/>", {{"desc_time_order", "yes"}});
    putSeveral();
    CPPUNIT_ASSERT_EQUAL("sip:d@198.51.100.7 sip:c@198.51.100.7 sip:b@198.51.100.7 sip:a@198.51.100.7"s, targets(send(invite())));
  }

  void lookupTakesOneContact() {
    begin("<lookup/>", {{"append_branches", "no"}});
    putSeveral();
    CPPUNIT_ASSERT_EQUAL("sip:c@198.51.100.7"s, targets(send(invite())));
    begin("<lookup/>", {{"append_branches", "no"}, {"desc_time_order", "yes"}});
    putSeveral();
    CPPUNIT_ASSERT_EQUAL("sip:d@198.51.100.7"s, targets(send(invite())));
  }

  /// D09
  void lookupStopsAtTheBranchLimit() {
    begin("<lookup/>");
    for (int i = 0; i < 100; ++i) {
      const std::string uri = "sip:" + std::to_string(i) + "@198.51.100.7";
      auto contact = phone(uri);
      contact.q = static_cast<uint16_t>(i);
      location().put("joe@x", contact);
    }
    auto& request = send(invite());
    CPPUNIT_ASSERT_EQUAL(Core::DestinationSet::Most, request.destinations.all().size());
    CPPUNIT_ASSERT_EQUAL("sip:99@198.51.100.7"s, std::string(request.destinations.all().front().uri));
    CPPUNIT_ASSERT_EQUAL("sip:88@198.51.100.7"s, std::string(request.destinations.all().back().uri));
  }

  /// REQ 41
  void aliasThenLocation() {
    begin("<lookup table='aliases'/><lookup table='location'/>");
    _usrloc->tables.at("aliases")->put("100@x", phone("sip:joe@x"));
    location().put("joe@x", phone("sip:joe@198.51.100.7"));
    CPPUNIT_ASSERT_EQUAL("sip:joe@198.51.100.7"s, targets(send(invite("sip:100@x"))));
  }

  void registeredAsksOnly() {
    begin("<rule if=\"registered()\"><stop/></rule>");
    location().put("joe@x", phone("sip:joe@198.51.100.7"));
    CPPUNIT_ASSERT_EQUAL("sip:joe@x"s, targets(send(invite())));
    send(invite("sip:ann@x"));
    CPPUNIT_ASSERT((_endings.all == std::vector{Ending::stopped, Ending::completed}));
    begin("<rule if=\"registered('location', 'sip:%6aoe@X')\"><stop/></rule><rule if=\"registered(uri='no uri')\"><stop/></rule>");
    location().put("joe@x", phone("sip:joe@198.51.100.7"));
    send(invite("sip:ann@x"));
    CPPUNIT_ASSERT(_endings.all == std::vector{Ending::stopped});
  }

  /// REQ 47
  void tablesExistWhenRulesNameThem() {
    begin("<lookup table='mine'/>");
    CPPUNIT_ASSERT_EQUAL(size_t{1}, _usrloc->tables.size());
    CPPUNIT_ASSERT_EQUAL("mine"s, _usrloc->tables.begin()->first);
  }

  void refusesStrangeTableNames() {
    for (const char* name : {"", "a b", "1", "x;y", "a-b"}) {
      begin("<lookup table='"s + name + "'/>", {}, false);
      CPPUNIT_ASSERT_MESSAGE(name, _problems.hasErrors());
      CPPUNIT_ASSERT(_usrloc->tables.empty());
    }
  }

  void refusesContradictorySettings() {
    begin("<save/>");
    CPPUNIT_ASSERT_MESSAGE(_host->problems.toString(), !_host->problems.hasErrors());
    begin("<save/>", {{"min_expires", "1h"}, {"default_expires", "10min"}});
    CPPUNIT_ASSERT(_host->problems.hasErrors());
    begin("<save/>", {{"max_expires", "30s"}});
    CPPUNIT_ASSERT(_host->problems.hasErrors());
    for (const char* ports : {"0", "65536", "sip", "-1"}) {
      begin("<save/>", {{"refused_ports", ports}});
      CPPUNIT_ASSERT_MESSAGE(ports, _host->problems.hasErrors());
    }
    begin("<save/>", {{"min_expires", "30"}});
    CPPUNIT_ASSERT(_host->problems.hasErrors());
  }

 private:
  void begin(const std::string& rules, const FakeHost::SettingsMap& settings = {}, bool well = true) {
    tearDown();
    _core.answers.clear();
    _endings = {};
    _plugin = std::make_unique<Registrar::RegistrarPlugin>();
    _host = std::make_unique<FakeHost>(*_plugin, settings);
    _usrloc = std::make_unique<FakeUsrloc>(_host->environment_.clock);
    _host->services().provide<Core::Service>(_core);
    _host->services().provide<Transport::Service>(_transport);
    _host->services().provide<Usrloc::Service>(*_usrloc);
    _plugin->configure(*_host);
    _plugin->bind(*_host);
    compile("<routing xmlns='urn:patchbay:routing'><pipeline name='request' on='request'>" + rules + "</pipeline></routing>");
    if (well) CPPUNIT_ASSERT_MESSAGE(_problems.toString(), !_problems.hasErrors());
  }
  void compile(const std::string& xml) {
    Pipeline::Vocabulary vocabulary;
    vocabulary.add({"request", "a request", false, true});
    for (const auto& action : _host->declaration.actions) vocabulary.add(action);
    _problems = {};
    const auto node = Pipeline::readXml(xml, "test.xml", _problems);
    CPPUNIT_ASSERT(node);
    _program = Pipeline::Program::check(*node, vocabulary, {}, _problems);
    if (_program) _program->bind(_problems);
  }
  Core::Request& send(const std::string& text) {
    auto& octets = *_octets.emplace_back(std::make_unique<std::string>(text));
    auto& request = *_requests.emplace_back(std::make_unique<Core::Request>());
    request.begin(octets, {&_transport.listeners()[1], endpoint("198.51.100.7:5062")}, _host->environment_.clock.now());
    request.hold();
    request.machine.start(_host->engine(), *_program, *_program->entry("request"), request, _endings);
    return request;
  }
  static std::string invite(const std::string& uri = "sip:joe@x") {
    return "INVITE " + uri +
           " SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.9:5062;branch=z9hG4bK1\r\nMax-Forwards: 70\r\nFrom: <sip:ann@x>;tag=1\r\nTo: "
           "<sip:joe@x>\r\n"
           "Call-ID: call-9\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n";
  }
  FakeTable& location() { return *_usrloc->tables.at("location"); }
  Usrloc::Contact phone(std::string_view uri) const {
    Usrloc::Contact contact;
    contact.uri = uri;
    contact.q = Usrloc::Contact::noQ;
    contact.modified = _host->environment_.clock.wall();
    contact.expires = contact.modified + 1h;
    return contact;
  }
  /// a and b with less q than c and d; d has none and is the newest.
  void putSeveral() {
    for (const auto& [uri, q] :
         std::vector<std::pair<std::string, uint16_t>>{{"a", 0}, {"b", 500}, {"c", 1000}, {"d", Usrloc::Contact::noQ}}) {
      _host->environment_.clock.move(1s);
      const std::string text = "sip:" + uri + "@198.51.100.7";
      auto contact = phone(text);
      contact.q = q;
      location().put("joe@x", contact);
    }
  }
  static std::string targets(const Core::Request& request) {
    std::string text;
    for (const auto& destination : request.destinations.all()) text += (text.empty() ? "" : " ") + std::string(destination.uri);
    return text;
  }

  FakeCore _core;
  FakeTransport _transport;
  std::unique_ptr<FakeUsrloc> _usrloc;
  std::unique_ptr<Registrar::RegistrarPlugin> _plugin;
  std::unique_ptr<FakeHost> _host;
  std::unique_ptr<Pipeline::Program> _program;
  Pipeline::Problems _problems;
  Endings _endings;
  std::vector<std::unique_ptr<std::string>> _octets;
  std::vector<std::unique_ptr<Core::Request>> _requests;
};

CPPUNIT_TEST_SUITE_REGISTRATION(ActionsTest);

}  // namespace

}  // namespace Patchbay::Testsuite
