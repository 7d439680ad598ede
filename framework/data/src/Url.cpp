#include "Url.h"

#include <charconv>
#include <cstdlib>
#include <fstream>
#include <optional>

#include <Poco/Exception.h>
#include <Poco/URI.h>

namespace Patchbay::Data {

namespace {

constexpr const char* PasswordVariable = "PATCHBAY_DATABASE_PASSWORD";
constexpr const char* Known = "known: sqlite:FILE, sqlite::memory:, mysql://user[:password]@host[:port]/database, with options behind '?'";

[[noreturn]] void refuse(const std::string& url, const std::string& why, const std::string& known = Known) {
  throw Poco::InvalidArgumentException("database '" + withoutPassword(url) + "': " + why + "; " + known);
}

/// One `name=value` after the other.
class Options {
 public:
  Options(const std::string& url, std::string_view text, const std::string& allowed) : _url(url), _left(text), _allowed(allowed) {}
  bool next() {
    if (_left.empty()) return false;
    const std::string_view option = _left.substr(0, _left.find('&'));
    _left.remove_prefix(std::min(_left.size(), option.size() + 1));
    name = option.substr(0, option.find('='));
    value = name.size() < option.size() ? option.substr(name.size() + 1) : std::string_view();
    return true;
  }
  unsigned number(unsigned least, unsigned most) const {
    unsigned number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc() || end != value.data() + value.size() || number < least || number > most)
      wrong("is no number from " + std::to_string(least) + " to " + std::to_string(most));
    return number;
  }
  bool choice(const char* yes, const char* no) const {
    if (value != yes && value != no) wrong("is neither " + std::string(yes) + " nor " + no);
    return value == yes;
  }
  [[noreturn]] void wrong(const std::string& why) const {
    refuse(_url, "option '" + std::string(name) + "=" + std::string(value) + "' " + why, "options: " + _allowed);
  }
  [[noreturn]] void unknown() const {
    if (_left.find('@') != _left.npos || name.find('@') != name.npos) refuse(_url, "a '?' of a password is written %3F");
    refuse(_url, "option '" + std::string(name) + "' is unknown", "options: " + _allowed);
  }
  bool readCommon(CommonSettings& settings) const {
    if (name == "queue")
      settings.queue = number(512, 100000000);
    else if (name == "timeout")
      settings.timeout = std::chrono::milliseconds(number(100, 60000));
    else
      return false;
    return true;
  }
  std::string_view name, value;

 private:
  const std::string& _url;
  std::string_view _left;
  const std::string _allowed;
};

SqliteSettings readSqlite(const std::string& url, std::string_view rest) {
  const size_t mark = rest.find('?');
  SqliteSettings settings;
  settings.file = rest.substr(0, mark);
  if (settings.file.empty()) refuse(url, "the file is missing");
  if (mark == rest.npos) return settings;
  Options options(url, rest.substr(mark + 1), "sync=normal, sync=full, busy=MILLISECONDS, timeout=MILLISECONDS, queue=CHANGES");
  while (options.next()) {
    if (options.name == "sync")
      settings.full = options.choice("full", "normal");
    else if (options.name == "busy")
      settings.busy = std::chrono::milliseconds(options.number(0, 60000));
    else if (!options.readCommon(settings))
      options.unknown();
  }
  return settings;
}

std::string decoded(const std::string& url, std::string_view part) {
  try {
    std::string text;
    Poco::URI::decode(std::string(part), text);
    return text;
  } catch (const Poco::SyntaxException&) {
    refuse(url, "a % that does not begin two hexadecimal digits (a % itself is written %25)");
  }
}

/// `host`, `host:port`, `[address]:port`
void readHost(const std::string& url, std::string_view text, MysqlSettings& settings) {
  const size_t colon = text.find(':', text.starts_with('[') ? std::min(text.find(']'), text.size()) : 0);
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.empty()) refuse(url, "the host is missing");
  settings.host = host;
  if (colon == text.npos) {
    if (host == "localhost") settings.port = 0;  // the client library's socket
    return;
  }
  if (host == "localhost") settings.host = "127.0.0.1";
  const std::string_view port = text.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), settings.port);
  if (error != std::errc() || end != port.data() + port.size() || settings.port == 0)
    refuse(url, "'" + std::string(port) + "' is no port (a '@', '/' or ':' of a password is written %40, %2F, %3A)");
}

std::string passwordOfFile(const std::string& url, const std::string& file) {
  std::ifstream stream(file);
  std::string password;
  if (!stream || !std::getline(stream, password)) refuse(url, "the password_file " + file + " cannot be read, or is empty");
  if (password.ends_with('\r')) password.pop_back();
  return password;
}

/// POCO's connector takes its settings as one text.
void checkTexts(const std::string& url, const MysqlSettings& settings) {
  const std::pair<const char*, const std::string*> parts[] = {
      {"user", &settings.user}, {"password", &settings.password}, {"host", &settings.host}, {"database", &settings.database}};
  for (const auto& [name, text] : parts)
    if (text->find(';') != text->npos || text->starts_with(' ') || text->ends_with(' '))
      refuse(url, std::string("a ';', or a space at an end, in the ") + name + " cannot be passed on; choose another one");
}

std::string_view readMysqlOptions(const std::string& url, std::string_view text, MysqlSettings& settings) {
  Options options(url, text, "password_file=FILE, timeout=MILLISECONDS, queue=CHANGES, start=wait, start=refuse");
  std::string_view file;
  while (options.next()) {
    if (options.name == "password_file")
      file = options.value;
    else if (options.name == "start")
      settings.wait = options.choice("wait", "refuse");
    else if (!options.readCommon(settings))
      options.unknown();
  }
  return file;
}

MysqlSettings readMysql(const std::string& url, std::string_view rest) {
  MysqlSettings settings;
  const size_t mark = rest.find('?');
  const std::string_view file = mark == rest.npos ? std::string_view() : readMysqlOptions(url, rest.substr(mark + 1), settings);
  rest = rest.substr(0, mark);
  const size_t at = rest.rfind('@');
  if (at == rest.npos) refuse(url, "the user is missing");
  const std::string_view identity = rest.substr(0, at), place = rest.substr(at + 1);
  const size_t colon = identity.find(':'), slash = place.find('/');
  settings.user = decoded(url, identity.substr(0, colon));
  if (settings.user.empty()) refuse(url, "the user is missing");
  readHost(url, place.substr(0, slash), settings);
  if (slash == place.npos || slash + 1 == place.size()) refuse(url, "the database's name is missing behind the host");
  settings.database = decoded(url, place.substr(slash + 1));
  if (colon != identity.npos && !file.empty()) refuse(url, "it holds a password, and names a password_file as well: one of them");
  if (colon != identity.npos)
    settings.password = decoded(url, identity.substr(colon + 1));
  else if (!file.empty())
    settings.password = passwordOfFile(url, std::string(file));
  else if (const char* variable = std::getenv(PasswordVariable))
    settings.password = variable;
  checkTexts(url, settings);
  return settings;
}

}  // namespace

/// Whatever stands where a password may, also in a URL that is wrong.
std::string withoutPassword(const std::string& given) {
  constexpr std::string_view Option = "password=";
  std::string url = given;
  if (const size_t option = url.find(Option); option != url.npos) url = url.substr(0, option + Option.size()) + "***";
  if (url.starts_with("sqlite:")) return url;
  const size_t slashes = url.find("//"), begin = slashes == url.npos ? 0 : slashes + 2;
  const size_t at = url.rfind('@'), colon = url.find(':', begin);
  if (at == url.npos) return url.substr(0, begin) + (begin < url.size() ? "***" : "");
  return colon < at ? url.substr(0, colon + 1) + "***" + url.substr(at) : url;
}

std::variant<SqliteSettings, MysqlSettings> readUrl(const std::string& url) {
  constexpr std::string_view Sqlite = "sqlite:", Mysql = "mysql://";
  const std::string_view text = url;
  if (text.starts_with(Sqlite)) return readSqlite(url, text.substr(Sqlite.size()));
  if (text.starts_with(Mysql)) return readMysql(url, text.substr(Mysql.size()));
  refuse(url, "its kind is unknown");
}

}  // namespace Patchbay::Data
