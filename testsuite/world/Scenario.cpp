#include "Scenario.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <functional>
#include <sstream>

#include <Poco/Exception.h>

#include "patchbay/pipeline/Value.h"

namespace Patchbay::Testsuite {

namespace {

/// Reads one file line by line.
class Reader {
 public:
  explicit Reader(const std::string& path) : _path(path), _file(path) {
    if (!_file) throw Poco::FileNotFoundException(path);
  }

  Scenario read() {
    _scenario.path = _path;
    std::string line;
    while (next(line)) {
      if (line.empty() || line[0] == '#') continue;
      if (line[0] >= '0' && line[0] <= '9')
        timed(line);
      else
        headed(line);
    }
    if (_scenario.statements.empty()) fail("a scenario needs at least one statement");
    if (_scenario.title.empty()) fail("a scenario needs a 'title:'");
    return std::move(_scenario);
  }

 private:
  [[noreturn]] void fail(const std::string& text) const { throw Poco::SyntaxException(_path + ":" + std::to_string(_line) + ": " + text); }

  bool next(std::string& line) {
    if (!std::getline(_file, line)) return false;
    ++_line;
    return true;
  }

  /// `key: value`
  void headed(const std::string& line) {
    const auto colon = line.find(':');
    if (colon == std::string::npos) fail("expected 'key: value', or a time");
    const auto key = line.substr(0, colon);
    std::istringstream value(line.substr(colon + 1));
    if (key == "title")
      std::getline(value >> std::ws, _scenario.title);
    else if (key == "cite")
      return;
    else if (key == "config")
      value >> _scenario.configuration;
    else if (key == "define")
      define(value);
    else if (key == "bundle")
      value >> _scenario.bundles.emplace_back();
    else if (key == "peer")
      peer(value);
    else if (key == "name")
      name(value);
    else if (key == "route")
      route(value);
    else if (key == "end")
      _scenario.end = duration(value);
    else if (key == "block")
      block(value);
    else
      fail("unknown key '" + key + "'; allowed: title cite config define bundle peer name route end block");
  }

  Runtime::Duration duration(std::istream& in) {
    std::string text;
    in >> text;
    if (text == "0") return Runtime::Duration(0);
    const auto parsed = Pipeline::parseDuration(text);
    if (!parsed) fail("'" + text + "' is no duration; write 0, 500ms, 32s");
    return *parsed;
  }

  void define(std::istream& in) {
    std::string text;
    std::getline(in >> std::ws, text);
    const auto equals = text.find('=');
    if (equals == std::string::npos) fail("expected 'define: name=value'");
    _scenario.defines[text.substr(0, equals)] = text.substr(equals + 1);
  }

  /// `alice 127.0.0.1:6001 [refuses]`, `bob tcp:127.0.0.1:6002 [refuses|silent] [chunks 7]`
  void peer(std::istream& in) {
    std::string name, endpoint, word;
    in >> name >> endpoint;
    Scenario::Peer peer;
    peer.stream = endpoint.rfind("tcp:", 0) == 0;
    const auto parsed = Runtime::Endpoint::parse(peer.stream ? endpoint.substr(4) : endpoint);
    if (!parsed) fail("expected 'peer: name [tcp:]address:port'");
    peer.endpoint = *parsed;
    while (in >> word) {
      if (word == "refuses")
        peer.answer = FakeStreams::Answer::refuses;
      else if (word == "silent")
        peer.answer = FakeStreams::Answer::silent;
      else if (word != "chunks" || !(in >> peer.chunk) || peer.chunk == 0)
        fail("'" + word + "' is no property of a peer; allowed: refuses silent chunks NUMBER");
    }
    _scenario.peers[name] = peer;
  }

  /// `name: gw.example.org 10.0.0.9`, `... none|silent|broken`, `... CNAME name`, `... SRV priority weight port target`,
  /// `... NAPTR order preference flags service replacement`; behind it any of `after 2s`, `ttl 30s`, `from 5s`, `until 9s`.
  void name(std::istream& in) {
    Scenario::Name entry;
    std::string answer;
    in >> entry.name >> answer;
    if (!treatment(answer, entry)) record(answer, in, entry);
    if (!in) fail("expected 'name: host ADDRESS|none|silent|broken|CNAME ...|SRV ...|NAPTR ...'");
    for (std::string word; in >> word;) {
      const auto time = duration(in);
      if (word == "after")
        entry.delay = time;
      else if (word == "ttl")
        entry.ttl = std::chrono::duration_cast<std::chrono::seconds>(time);
      else if (word == "from")
        entry.from = time;
      else if (word == "until")
        entry.until = time;
      else
        fail("'" + word + "' behind a name; allowed: after ttl from until");
    }
    _scenario.names.push_back(entry);
  }

  static bool treatment(const std::string& word, Scenario::Name& entry) {
    using Kind = Scenario::Name::Kind;
    for (const auto& [name, kind] : {std::pair("none", Kind::none), std::pair("silent", Kind::silent), std::pair("broken", Kind::broken)})
      if (word == name) entry.kind = kind;
    return entry.kind != Kind::record;
  }

  void record(const std::string& word, std::istream& in, Scenario::Name& entry) {
    using Type = Resolver::NameServer::Type;
    auto& record = entry.record;
    if (word == "CNAME") {
      entry.kind = Scenario::Name::Kind::alias;
      in >> record.target;
    } else if (word == "SRV") {
      entry.type = Type::srv;
      in >> record.priority >> record.weight >> record.port >> record.target;
    } else if (word == "NAPTR") {
      entry.type = Type::naptr;
      in >> record.priority >> record.weight >> record.flags >> record.service >> record.target;
      for (auto* text : {&record.flags, &record.service})
        std::transform(text->begin(), text->end(), text->begin(), [](unsigned char c) { return std::tolower(c); });
    } else if (const auto address = Runtime::IpAddress::parse(word)) {
      entry.type = address->isV6() ? Type::aaaa : Type::a;
      record.address = *address;
    } else {
      fail("'" + word + "' is no address");
    }
    if (record.target == ".") record.target.clear();
  }

  void route(std::istream& in) {
    std::string target, source;
    in >> target >> source;
    const auto to = Runtime::IpAddress::parse(target), from = Runtime::IpAddress::parse(source);
    if (!to || !from) fail("expected 'route: TARGET SOURCE', two addresses");
    _scenario.routes[*to] = *from;
  }

  void block(std::istream& in) {
    std::string name;
    in >> name;
    _blocks[name] = indented();
  }

  std::vector<std::string> indented() {
    std::vector<std::string> lines;
    while (_file.peek() == ' ') {
      std::string line;
      next(line);
      if (line.compare(0, 2, "  ") != 0) fail("a message's lines begin with two blanks");
      line.erase(0, 2);
      if (!line.empty() && line[0] == '&')
        expand(line.substr(1), lines);
      else
        lines.push_back(line);
    }
    return lines;
  }

  void expand(const std::string& name, std::vector<std::string>& lines) const {
    const auto found = _blocks.find(name);
    if (found == _blocks.end()) fail("no 'block: " + name + "' above");
    lines.insert(lines.end(), found->second.begin(), found->second.end());
  }

  /// `TIME peer > server` with a message, `TIME peer < server` with a message, `TIME peer closes|resets|closed`, `TIME metric NAME =
  /// VALUE`, `TIME restart [CONFIGURATION]`, `TIME operation NAME ...`, `TIME log TEXT = COUNT`
  void timed(const std::string& line) {
    std::istringstream in(line);
    Statement statement;
    statement.line = _line;
    statement.at = duration(in);
    if (!_scenario.statements.empty() && statement.at < _scenario.statements.back().at) fail("times must not go back");
    std::string word, direction;
    in >> word;
    if (word == "restart") {
      statement.kind = Statement::Kind::restart;
      in >> statement.configuration;
    } else if (word == "metric") {
      statement.kind = Statement::Kind::metric;
      std::string equals;
      if (!(in >> statement.metric >> equals >> statement.value) || equals != "=") fail("expected 'metric NAME = VALUE'");
    } else if (word == "database") {
      statement.kind = Statement::Kind::database;
      in >> statement.operation;
      if (statement.operation != "answers" && statement.operation != "fails" && statement.operation != "silent")
        fail("expected 'database answers', 'fails' or 'silent'");
    } else if (word == "log") {
      logged(statement, in);
    } else if (word == "operation") {
      operation(statement, in);
    } else {
      in >> direction >> statement.server;
      if (!_scenario.peers.count(word)) fail("no 'peer: " + word + "' above");
      statement.peer = word;
      if (direction == "closes")
        statement.kind = Statement::Kind::close;
      else if (direction == "resets")
        statement.kind = Statement::Kind::reset;
      else if (direction == "closed")
        statement.kind = Statement::Kind::closed;
      else
        exchanged(statement, direction, in);
    }
    _scenario.statements.push_back(std::move(statement));
  }

  /// `log TEXT = COUNT`
  void logged(Statement& statement, std::istream& in) {
    statement.kind = Statement::Kind::log;
    std::getline(in >> std::ws, statement.operation);
    const auto equals = statement.operation.rfind(" = ");
    if (equals == std::string::npos || !(std::istringstream(statement.operation.substr(equals + 3)) >> statement.value))
      fail("expected 'log TEXT = COUNT'");
    statement.operation.resize(equals);
  }

  /// `operation NAME [name=value ...] = STATUS`
  void operation(Statement& statement, std::istream& in) {
    statement.kind = Statement::Kind::operation;
    in >> statement.operation;
    for (std::string word; in >> word && word != "=";) {
      const auto equals = word.find('=');
      if (equals == word.npos) fail("expected name=value, not '" + word + "'");
      statement.arguments[word.substr(0, equals)] = word.substr(equals + 1);
    }
    if (!(in >> statement.value)) fail("expected 'operation NAME name=value ... = STATUS'");
  }

  void exchanged(Statement& statement, const std::string& direction, std::istream& in) {
    if (direction != ">" && direction != "<") fail("expected 'peer > server', 'peer < server', or 'peer closes', 'resets' or 'closed'");
    statement.kind = direction == ">" ? Statement::Kind::send : Statement::Kind::receive;
    if (statement.server == "server") statement.server.clear();
    for (std::string word; in >> word;) {
      if (word != "waited" || statement.kind != Statement::Kind::send)
        fail("'" + word + "' behind an address; allowed: waited TIME, when it is sent");
      statement.waited = duration(in);
    }
    statement.message = indented();
    if (statement.message.empty()) fail("a message must follow, each line with two blanks before it");
  }

  std::string _path;
  std::ifstream _file;
  int _line = 0;
  Scenario _scenario;
  std::map<std::string, std::vector<std::string>> _blocks;
};

}  // namespace

Scenario Scenario::read(const std::string& path) {
  return Reader(path).read();
}

}  // namespace Patchbay::Testsuite
