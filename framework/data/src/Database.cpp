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

std::optional<std::chrono::milliseconds> busyOf(std::string_view option) {
  constexpr std::string_view Name = "busy=";
  if (!option.starts_with(Name)) return {};
  option.remove_prefix(Name.size());
  unsigned number = 0;
  const auto [end, error] = std::from_chars(option.data(), option.data() + option.size(), number);
  if (error != std::errc() || end != option.data() + option.size() || number > 60000) return {};
  return std::chrono::milliseconds(number);
}

/// `sync=full&busy=500`: busy is how many milliseconds to wait for another program that holds the file.
void readOptions(const std::string& url, std::string_view options, SqliteSettings& settings) {
  while (!options.empty()) {
    const std::string_view option = options.substr(0, options.find('&'));
    options.remove_prefix(std::min(options.size(), option.size() + 1));
    if (option == "sync=full")
      settings.full = true;
    else if (const auto busy = busyOf(option))
      settings.busy = *busy;
    else if (option != "sync=normal")
      refuse(url, "option '" + std::string(option) + "' is unknown (sync=normal, sync=full, busy=MILLISECONDS)");
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
