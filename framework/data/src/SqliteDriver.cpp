#include "SqliteDriver.h"

#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <Poco/Data/SQLite/Connector.h>
#include <Poco/Data/SQLite/SQLiteException.h>

namespace Patchbay::Data {

namespace {

using namespace Poco::Data::Keywords;
namespace SQLite = Poco::Data::SQLite;

/// The folder (for its owner only) and an empty file, where they are missing. Empty text: done.
std::string makeFile(const std::filesystem::path& file) {
  std::filesystem::path folder;
  for (const auto& part : file.parent_path()) {
    folder /= part;
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
      return "cannot make the folder " + folder.string() + ": " + std::generic_category().message(errno);
  }
  struct stat status {};
  if (::stat(file.c_str(), &status) == 0) {  // not opened: the close would take away the locks that this process has on it (fcntl(2))
    if (::access(file.c_str(), R_OK | W_OK) == 0) return {};
    return "cannot open " + file.string() + " for writing: " + std::generic_category().message(errno);
  }
  const int descriptor = ::open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC | O_NOCTTY, 0600);
  if (descriptor < 0) return "cannot open " + file.string() + " for writing: " + std::generic_category().message(errno);
  ::close(descriptor);
  return {};
}

FileMark markOf(const std::string& file) {
  struct stat status {};
  return ::stat(file.c_str(), &status) == 0 ? FileMark{status.st_dev, status.st_ino} : FileMark{};
}

template <class... Exceptions>
bool isOneOf(const Poco::Exception& exception) {
  return (... || (dynamic_cast<const Exceptions*>(&exception) != nullptr));
}

Failure::Kind kindOf(const Poco::Exception& exception) {
  using Kind = Failure::Kind;
  if (isOneOf<SQLite::ConstraintViolationException, SQLite::DataTypeMismatchException, SQLite::RowTooBigException>(exception))
    return Kind::constraint;
  if (isOneOf<SQLite::DBLockedException, SQLite::TableLockedException, SQLite::LockProtocolException>(exception)) return Kind::timeout;
  if (isOneOf<SQLite::CantOpenDBFileException, SQLite::IOErrorException, Poco::Data::ConnectionFailedException>(exception))
    return Kind::unreachable;
  if (isOneOf<SQLite::CorruptImageException, SQLite::TableNotFoundException, SQLite::SchemaDiffersException>(exception))
    return Kind::schema;
  return Kind::other;
}

/// Asked for by its number rather than by its exception, which depends on where SQLite notices it.
bool saysNotADatabase(const std::string& text) {
  return text.find("not a database") != std::string::npos || text.find("malformed") != std::string::npos;
}

}  // namespace

SqliteDriver::SqliteDriver(SqliteSettings settings) : _settings(std::move(settings)) {
  SQLite::Connector::registerConnector();
}

std::unique_ptr<Session> SqliteDriver::connect() {
  Poco::Data::Session session(SQLite::Connector::KEY, _settings.file);
  session << "PRAGMA busy_timeout = " + std::to_string(_settings.busy.count()), now;
  std::string mode;
  session << "PRAGMA journal_mode = WAL", into(mode), now;
  session << (_settings.full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL"), now;
  return std::make_unique<Session>(session, _dialect);
}

Failure SqliteDriver::failureOf(const Poco::Exception& exception) const {
  const std::string text = exception.displayText();
  if (saysNotADatabase(text))
    return {Failure::Kind::schema, description() + " is damaged or no SQLite database (" + text +
                                       "): put a sound copy in its place, or move it away to begin anew"};
  return {kindOf(exception), description() + ": " + text};
}

Failure SqliteDriver::prepare() {
  if (isSingle()) return {};
  const std::string fault = makeFile(_settings.file);
  if (!fault.empty()) return {Failure::Kind::unreachable, fault};
  if (_opened == FileMark{}) _opened = markOf(_settings.file);
  return {};
}

/// What is written into a file that has lost its name is lost with the next start, so it must not count as stored.
Failure SqliteDriver::checkInPlace() const {
  if (isSingle() || markOf(_settings.file) == _opened) return {};
  return {Failure::Kind::unreachable,
          description() + " was removed, moved or replaced while in use: put the same file back, or start the server again"};
}

}  // namespace Patchbay::Data
