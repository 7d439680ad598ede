#include "patchbay/data/Database.h"

#include <algorithm>
#include <charconv>

#include <Poco/Exception.h>

#include "SqliteDatabase.h"

namespace Patchbay::Data {

namespace {

[[noreturn]] void refuse(const std::string& url, const std::string& why) {
  throw Poco::InvalidArgumentException("database '" + url + "': " + why + "; known: sqlite:FILE, sqlite:FILE?sync=full, sqlite::memory:");
}

/// The number of `name=number`, none when it is not that or not between these.
std::optional<unsigned> numberOf(std::string_view option, std::string_view name, unsigned least, unsigned most) {
  if (!option.starts_with(name)) return {};
  option.remove_prefix(name.size());
  unsigned number = 0;
  const auto [end, error] = std::from_chars(option.data(), option.data() + option.size(), number);
  if (error != std::errc() || end != option.data() + option.size() || number < least || number > most) return {};
  return number;
}

/// `sync=full&busy=500&queue=100000`: busy is how many milliseconds to wait for another program that holds the file, queue how many
/// changes may wait (a change takes about a kilobyte).
void readOptions(const std::string& url, std::string_view options, SqliteSettings& settings) {
  while (!options.empty()) {
    const std::string_view option = options.substr(0, options.find('&'));
    options.remove_prefix(std::min(options.size(), option.size() + 1));
    if (option == "sync=full")
      settings.full = true;
    else if (const auto busy = numberOf(option, "busy=", 0, 60000))
      settings.busy = std::chrono::milliseconds(*busy);
    else if (const auto queue = numberOf(option, "queue=", 512, 100000000))
      settings.queue = *queue;
    else if (option != "sync=normal")
      refuse(url, "option '" + std::string(option) + "' is unknown (sync=normal, sync=full, busy=MILLISECONDS, queue=CHANGES)");
  }
}

}  // namespace

std::unique_ptr<Database> Database::make(const std::string& url, Runtime::Environment& environment) {
  constexpr std::string_view Scheme = "sqlite:";
  if (!url.starts_with(Scheme)) refuse(url, "its kind is unknown");
  const std::string_view rest = std::string_view(url).substr(Scheme.size());
  const size_t mark = rest.find('?');
  SqliteSettings settings;
  settings.file = rest.substr(0, mark);
  if (mark != rest.npos) readOptions(url, rest.substr(mark + 1), settings);
  if (settings.file.empty()) refuse(url, "the file is missing");
  return std::make_unique<SqliteDatabase>(std::move(settings), environment);
}

}  // namespace Patchbay::Data
