#include <cppunit/extensions/HelperMacros.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <Poco/Net/DatagramSocket.h>
#include <Poco/Pipe.h>
#include <Poco/PipeStream.h>
#include <Poco/Process.h>
#include <Poco/StreamCopier.h>
#include <Poco/Thread.h>

#include "TemporaryFolder.h"
#include "TestPaths.h"

namespace Patchbay::Application {

/// The real program, run as a person would.
class ProgramTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ProgramTest);
  CPPUNIT_TEST(servesUntilItIsTerminated);
  CPPUNIT_TEST(saysReadyLast);
  CPPUNIT_TEST(checksWithoutListening);
  CPPUNIT_TEST(refusesAWrongConfiguration);
  CPPUNIT_TEST(refusesAnUnknownOption);
  CPPUNIT_TEST(takesAValueAsTheNextWord);
  CPPUNIT_TEST(refusesAnOptionWithoutItsValue);
  CPPUNIT_TEST(endsWhileItLoads);
  CPPUNIT_TEST(printsProblemsByLine);
  CPPUNIT_TEST(refusesATakenAddress);
  CPPUNIT_TEST(helps);
  CPPUNIT_TEST(writesTheActionIndex);
  CPPUNIT_TEST(convertsBothWays);
  CPPUNIT_TEST(becomesADaemon);
  CPPUNIT_TEST(theDaemonsStarterLearnsThatItFailed);
  CPPUNIT_TEST(leavesThePidFileOfAnother);
  CPPUNIT_TEST(theClientAsksTheServer);
  CPPUNIT_TEST_SUITE_END();

 public:
  void servesUntilItIsTerminated() {
    for (const int signal : {SIGTERM, SIGINT}) {
      auto program = start(configure());
      const std::string lines = untilReady(program);
      CPPUNIT_ASSERT_EQUAL(std::string("you said x\n"), ask(portIn(lines), "x"));
      ::kill(program.handle.id(), signal);
      CPPUNIT_ASSERT_EQUAL(0, program.handle.wait());
    }
  }

  void saysReadyLast() {
    auto program = start(configure());
    const std::string lines = untilReady(program);
    CPPUNIT_ASSERT_MESSAGE(lines, lines.find("listening on line:127.0.0.1:") != std::string::npos);
    CPPUNIT_ASSERT_MESSAGE(lines, lines.find("bundles echo 1.2.0\n") != std::string::npos);
    CPPUNIT_ASSERT_MESSAGE(lines, lines.find("data ") != std::string::npos);
    CPPUNIT_ASSERT_MESSAGE(lines, lines.ends_with("\nready\n"));
    struct stat status {};
    CPPUNIT_ASSERT_EQUAL(0, stat((_folder.path() + "/data").c_str(), &status));
    CPPUNIT_ASSERT_EQUAL(mode_t(0700), status.st_mode & 07777);
    ::kill(program.handle.id(), SIGTERM);
    program.handle.wait();
  }

  void checksWithoutListening() {
    const auto [code, out] = run({"--config=" + configure(), "--check"});
    CPPUNIT_ASSERT_EQUAL_MESSAGE(out, 0, code);
    CPPUNIT_ASSERT_MESSAGE(out, out.find("good") != std::string::npos);
    CPPUNIT_ASSERT(!std::filesystem::exists(_folder.path() + "/data"));
  }

  void refusesAWrongConfiguration() {
    const std::string path = configure("<sey text='x'/><say/>");
    const auto [code, out] = run({"--config=" + path});
    CPPUNIT_ASSERT_EQUAL_MESSAGE(out, 78, code);
    CPPUNIT_ASSERT_MESSAGE(out, out.find(path + ":1: error: unknown action 'sey'") != std::string::npos);
    CPPUNIT_ASSERT_MESSAGE(out, out.find("patchbay: 2 errors, nothing was started\n") != std::string::npos);
    CPPUNIT_ASSERT_EQUAL(78, run({"--config=" + path, "--daemon"}).first);
  }

  void refusesAnUnknownOption() {
    const auto [code, out] = run({"--confg=x"});
    CPPUNIT_ASSERT_EQUAL_MESSAGE(out, 64, code);
    CPPUNIT_ASSERT_MESSAGE(out, out.find("unknown option '--confg' (did you mean '--config'?)\n") != std::string::npos);
    CPPUNIT_ASSERT(run({"x.xml"}).second.find("'x.xml' is no option; a configuration is given as --config=FILE\n") != std::string::npos);
    CPPUNIT_ASSERT_EQUAL(64, run({"--define=novalue"}).first);
  }

  void takesAValueAsTheNextWord() {
    const auto [code, out] = run({"--config", configure(), "--define", "listen=nowhere", "--check"});
    CPPUNIT_ASSERT_EQUAL_MESSAGE(out, 78, code);
    CPPUNIT_ASSERT_MESSAGE(out, out.find("nowhere") != std::string::npos);
  }

  void refusesAnOptionWithoutItsValue() {
    const auto [code, out] = run({"--check", "--config"});
    CPPUNIT_ASSERT_EQUAL_MESSAGE(out, 64, code);
    CPPUNIT_ASSERT_MESSAGE(out, out.find("config") != std::string::npos);
  }

  /// As long as it reads its configuration: a fifo that nobody fills.
  void endsWhileItLoads() {
    const std::string path = _folder.path() + "/endless.xml";
    CPPUNIT_ASSERT_EQUAL(0, ::mkfifo(path.c_str(), 0600));
    auto program = start(path);
    const int end = ::open(path.c_str(), O_WRONLY);  // waits until the program reads
    ::kill(program.handle.id(), SIGTERM);
    CPPUNIT_ASSERT_EQUAL(0, program.handle.wait());
    ::close(end);
  }

  void printsProblemsByLine() {
    const std::string path = configure("<route name='gone'/>\n<sey/>", "<admin listen='192.0.2.1:5088'/>\n");
    const std::string out = run({"--config=" + path}).second;
    const size_t first = out.find(":1: error: <admin listen>: 192.0.2.1:5088 is no loopback address");
    CPPUNIT_ASSERT_MESSAGE(out, first != std::string::npos && first < out.find(":2: error: route: unknown pipeline 'gone'"));
    CPPUNIT_ASSERT_MESSAGE(out, out.find(":2: error: route: unknown pipeline 'gone'") < out.find(":3: error: unknown action 'sey'"));
  }

  void refusesATakenAddress() {
    Poco::Net::DatagramSocket taken(Poco::Net::SocketAddress("127.0.0.1", 0));
    const std::string address = taken.address().toString();
    const auto [code, out] = run({"--config=" + configure(), "--define=listen=" + address});
    CPPUNIT_ASSERT_EQUAL_MESSAGE(out, 69, code);
    CPPUNIT_ASSERT_MESSAGE(out, out.find(address) != std::string::npos);
  }

  void helps() {
    const auto [code, out] = run({"--help"});
    CPPUNIT_ASSERT_EQUAL(0, code);
    for (const char* option : {"--config", "--check", "--define", "--daemon", "--pidfile", "--version"})
      CPPUNIT_ASSERT_MESSAGE(option, out.find(option) != std::string::npos);
  }

  void writesTheActionIndex() {
    std::filesystem::copy(Testsuite::testBundlesFolder() + "/echo.bundle", _folder.path() + "/echo.bundle",
                          std::filesystem::copy_options::recursive);
    const auto [code, out] = run({"--index=" + _folder.path()});
    CPPUNIT_ASSERT_EQUAL_MESSAGE(out, 0, code);
    CPPUNIT_ASSERT_EQUAL(std::string("hush echo\nponder echo\nsay echo\n"), _folder.read(_folder.path() + "/actions.index"));
  }

  void convertsBothWays() {
    const auto [code, properties] = run({"--convert=" + configure()});
    CPPUNIT_ASSERT_EQUAL(0, code);
    const auto [again, xml] = run({"--convert=" + _folder.write("patchbay.properties", properties)});
    CPPUNIT_ASSERT_EQUAL(0, again);
    _folder.write("second.xml", xml);
    CPPUNIT_ASSERT_EQUAL(properties, run({"--convert=" + _folder.path() + "/second.xml"}).second);
  }

  void becomesADaemon() {
    const std::string pidFile = _folder.path() + "/pid";
    auto program = start(configure("<say text='x'/>", "<admin listen='127.0.0.1:0'/>"), {"--daemon", "--pidfile=" + pidFile});
    CPPUNIT_ASSERT_EQUAL(0, program.handle.wait());
    int pid = 0;
    std::ifstream(pidFile) >> pid;  // it is ready, so the file is there
    CPPUNIT_ASSERT(pid != program.handle.id());
    CPPUNIT_ASSERT_EQUAL(0, ::kill(pid, SIGTERM));
    while (::kill(pid, 0) == 0 && std::filesystem::exists("/proc/" + std::to_string(pid) + "/exe")) Poco::Thread::yield();
  }

  void theDaemonsStarterLearnsThatItFailed() {
    Poco::Net::DatagramSocket taken(Poco::Net::SocketAddress("127.0.0.1", 0));
    const std::string address = taken.address().toString();
    const auto [code, out] = run({"--config=" + configure(), "--define=listen=" + address, "--daemon"});
    CPPUNIT_ASSERT_EQUAL_MESSAGE(out, 69, code);
    CPPUNIT_ASSERT_MESSAGE(out, out.find(address) != std::string::npos);
    CPPUNIT_ASSERT_EQUAL(64, run({"--config=" + configure(), "--daemon", "--pidfile=" + _folder.path() + "/none/pid"}).first);
  }

  void leavesThePidFileOfAnother() {
    const std::string pidFile = "--pidfile=" + _folder.path() + "/pid";
    auto program = start(configure(), {pidFile});
    untilReady(program);
    CPPUNIT_ASSERT_EQUAL(64, run({"--config=" + configure(), pidFile}).first);
    CPPUNIT_ASSERT_EQUAL(std::to_string(program.handle.id()) + "\n", _folder.read(_folder.path() + "/pid"));
    ::kill(program.handle.id(), SIGTERM);
    CPPUNIT_ASSERT_EQUAL(0, program.handle.wait());
  }

  void theClientAsksTheServer() {
    auto program = start(configure("<say text='x'/>", "<admin listen='127.0.0.1:0'/>"));
    const std::string lines = untilReady(program);
    const size_t url = lines.find("http://");
    const std::string admin = "--admin=" + lines.substr(url, lines.find('\n', url) - url);
    const auto [code, out] = run({admin, "ready"}, "patchctl");
    CPPUNIT_ASSERT_EQUAL_MESSAGE(out, 0, code);
    CPPUNIT_ASSERT_EQUAL(std::string("ready\nserver: ready\n"), out);
    CPPUNIT_ASSERT(run({admin, "metrics"}, "patchctl").second.find("patchbay_echo_lines_total 0\n") != std::string::npos);
    ::kill(program.handle.id(), SIGTERM);
    program.handle.wait();
    CPPUNIT_ASSERT_EQUAL(69, run({admin, "ready"}, "patchctl").first);
    CPPUNIT_ASSERT_EQUAL(64, run({admin, "--redy"}, "patchctl").first);
  }

 private:
  struct Program {
    Poco::Pipe out;
    Poco::ProcessHandle handle;
  };

  std::string configure(const std::string& steps = "<say text='you said ${line}'/>", const std::string& more = "") {
    return _folder.write("patchbay.xml",
                         "<patchbay><define name='data' value='${config}/data'/><define name='listen' value='127.0.0.1:0'/><server "
                         "workers='1'/><log level='error'/>"
                         "<bundles folder='" +
                             Testsuite::testBundlesFolder() + "/echo.bundle'/>" + more +
                             "<echo listen='${listen}'/>"
                             "<routing><pipeline name='main' on='line'>" +
                             steps + "</pipeline></routing></patchbay>");
  }
  static Program launch(const std::string& program, const std::vector<std::string>& arguments) {
    Poco::Pipe out;
    const auto handle = Poco::Process::launch(Testsuite::buildFolder() + "/bin/" + program, arguments, nullptr, &out, &out);
    return {out, handle};
  }
  static Program start(const std::string& configuration, std::vector<std::string> more = {}) {
    more.insert(more.begin(), "--config=" + configuration);
    return launch("patchbay", more);
  }
  static std::pair<int, std::string> run(const std::vector<std::string>& arguments, const std::string& name = "patchbay") {
    auto program = launch(name, arguments);
    std::string text;
    Poco::PipeInputStream stream(program.out);
    Poco::StreamCopier::copyToString(stream, text);
    return {program.handle.wait(), text};
  }
  static std::string untilReady(Program& program) {
    Poco::PipeInputStream stream(program.out);
    std::string all;
    for (std::string line; std::getline(stream, line) && line != "ready";) all += line + "\n";
    return stream ? all + "ready\n" : all;
  }
  static uint16_t portIn(const std::string& lines) {
    const size_t at = lines.find("line:127.0.0.1:");
    CPPUNIT_ASSERT_MESSAGE(lines, at != std::string::npos);
    return static_cast<uint16_t>(std::stoi(lines.substr(at + 15)));
  }
  static std::string ask(uint16_t port, const std::string& line) {
    Poco::Net::DatagramSocket socket(Poco::Net::SocketAddress("127.0.0.1", 0));
    socket.setReceiveTimeout(Poco::Timespan(20, 0));
    socket.sendTo(line.data(), static_cast<int>(line.size()), Poco::Net::SocketAddress("127.0.0.1", port));
    char answer[256];
    return {answer, static_cast<size_t>(socket.receiveBytes(answer, sizeof answer))};
  }
  Testsuite::TemporaryFolder _folder;
};

CPPUNIT_TEST_SUITE_REGISTRATION(ProgramTest);

}  // namespace Patchbay::Application
