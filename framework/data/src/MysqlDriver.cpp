#include "MysqlDriver.h"

#include <algorithm>
#include <mutex>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <Poco/Data/DataException.h>
#include <Poco/Data/MySQL/Connector.h>
#include <Poco/Data/MySQL/SessionImpl.h>

namespace Patchbay::Data {

namespace {

namespace MySQL = Poco::Data::MySQL;

/// A connection that another thread can cut. It has a descriptor of its own for the same socket, since the client library closes its one
/// when it likes, and the number may then be somebody else's.
class MysqlSession final : public Session {
 public:
  MysqlSession(const Poco::Data::Session& session, const Dialect& dialect, int socket)
      : Session(session, dialect), _socket(::fcntl(socket, F_DUPFD_CLOEXEC, 0)) {}
  ~MysqlSession() override {
    if (_socket >= 0) ::close(_socket);
  }
  void interrupt() override {
    if (_socket >= 0) ::shutdown(_socket, SHUT_RDWR);
  }

 private:
  const int _socket;
};

/// What stands between `[name]: ` and the next tab of POCO's text.
std::string partOf(const std::string& text, const std::string& name) {
  const size_t at = text.find(name + "]: ");
  if (at == text.npos) return {};
  const size_t start = at + name.size() + 3;
  return text.substr(start, std::min(text.find('\t', start), text.size()) - start);
}

int numberOf(const std::string& text) {
  for (const char* name : {"mysql_stmt_errno", "mysql_errno"})
    if (const std::string number = partOf(text, name); !number.empty()) return std::atoi(number.c_str());
  return 0;
}

/// Without POCO's frame and the statement, which may be long.
std::string plainText(const std::string& text) {
  for (const char* name : {"mysql_stmt_error", "mysql_error"})
    if (const std::string part = partOf(text, name); !part.empty()) return part + " (error " + std::to_string(numberOf(text)) + ")";
  return text.substr(0, 300);
}

bool contains(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

/// A failed connect has a text only.
Failure::Kind kindOfConnect(const std::string& text) {
  const bool denied = contains(text, "Access denied") || contains(text, "Unknown database") || contains(text, "is not allowed to connect");
  return denied ? Failure::Kind::denied : Failure::Kind::unreachable;
}

}  // namespace

MysqlDriver::MysqlDriver(MysqlSettings settings) : _settings(std::move(settings)) {
  MySQL::Connector::registerConnector();
}

std::string MysqlDriver::description() const {
  const bool six = _settings.host.find(':') != std::string::npos;
  return "mysql://" + _settings.user + "@" + (six ? "[" + _settings.host + "]" : _settings.host) +
         (_settings.port != 0 ? ":" + std::to_string(_settings.port) : "") + "/" + _settings.database;
}

std::unique_ptr<Session> MysqlDriver::connect() {
  const auto& s = _settings;
  const std::string where = "host=" + s.host + ";port=" + std::to_string(s.port) + ";user=" + s.user + ";password=" + s.password +
                            ";db=" + s.database + ";character-set=utf8mb4";
  const auto seconds = std::max<int64_t>(std::chrono::ceil<std::chrono::seconds>(s.timeout).count(), 1);
  Poco::Data::Session session(MySQL::Connector::KEY, where, static_cast<size_t>(seconds));
  auto& handle = dynamic_cast<MySQL::SessionImpl&>(*session.impl()).handle();
  auto made = std::make_unique<MysqlSession>(session, _dialect, ::mysql_get_socket(handle));
  // A lock that another program holds is told before we give up: it is no reason to take the database for away.
  const std::string wait = std::to_string(std::max<int64_t>(s.timeout.count() / 2000, 1));
  made->execute(
      "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00', autocommit = 1, lock_wait_timeout = " +
      wait + ", innodb_lock_wait_timeout = " + wait);
  return made;
}

Failure::Kind MysqlDriver::kindOf(int number) {
  using Kind = Failure::Kind;
  const auto isOneOf = [number](std::initializer_list<int> numbers) {
    return std::find(numbers.begin(), numbers.end(), number) != numbers.end();
  };
  if (number >= 2000 && number < 3000 && number != 2030) return Kind::unreachable;  // the client library's own
  if (isOneOf({1040, 1053, 1077, 1152, 1158, 1159, 1160, 1161, 1184, 1203, 1226, 1927})) return Kind::unreachable;  // full, ending, cut
  if (isOneOf({1044, 1045, 1049, 1142, 1143, 1227, 1130})) return Kind::denied;
  if (isOneOf({1205, 1213, 1020, 1969, 3024})) return Kind::timeout;  // lock, deadlock, changed by another, took too long
  if (isOneOf({1048, 1062, 1169, 1216, 1217, 1264, 1265, 1292, 1364, 1366, 1367, 1406, 1451, 1452, 1557, 1586, 1690, 3819, 4025}))
    return Kind::constraint;
  if (isOneOf({1054, 1146, 1136, 1932})) return Kind::schema;
  return Kind::other;  // read-only, disk full ... and whatever comes: tried again
}

Failure MysqlDriver::failureOf(const Poco::Exception& exception) const {
  const std::string text = exception.message();
  if (dynamic_cast<const Poco::Data::ConnectionFailedException*>(&exception) != nullptr)
    return {kindOfConnect(text), description() + ": " + text};
  return {kindOf(numberOf(text)), description() + ": " + plainText(text)};
}

}  // namespace Patchbay::Data
