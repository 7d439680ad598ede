#include "Segments.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <Poco/Exception.h>

namespace Patchbay::Usrloc {

namespace {

constexpr std::string_view Magic = "patchbay.journal";
constexpr size_t HeaderBytes = Magic.size() + 8;

std::string header(uint32_t version) {
  std::string octets(Magic);
  appendNumber(octets, version, 4);
  appendNumber(octets, checksum(octets), 4);
  return octets;
}

/// The number behind the prefix, none when it is another file.
std::optional<uint64_t> numberOf(std::string_view name, std::string_view prefix) {
  if (!name.starts_with(prefix)) return {};
  name.remove_prefix(prefix.size());
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc() || end != name.data() + name.size() || number == 0) return {};
  return number;
}

[[noreturn]] void fail(const std::string& path, const std::error_code& error) {
  throw Poco::FileException(path + ": " + error.message());
}

}  // namespace

Segments::Segments(Runtime::Files& files, const std::string& folder, const std::string& table)
    : _files(files), _folder(folder), _name(table + ".journal."), _prefix(folder + "/" + _name) {}

void Segments::lock() {
  const std::string lock = _prefix + "lock";
  if (const auto error = _files.lock(lock, _lock)) {
    if (error != std::errc::resource_unavailable_try_again) fail(lock, error);
    throw Poco::FileException(lock +
                              " is held by another server: a data folder is for one server, give each its own (<server data=\"...\"/>)");
  }
}

void Segments::find() {
  std::vector<std::string> names;
  if (const auto error = _files.list(_folder, names)) fail(_folder, error);
  for (const auto& name : names)
    if (const auto number = numberOf(name, _name)) _segments.push_back({*number});
  std::sort(_segments.begin(), _segments.end(), [](const Segment& a, const Segment& b) { return a.number < b.number; });
  if (!_segments.empty()) _last = _segments.back().number;
}

void Segments::replay(const Each& each, std::vector<std::string>& warnings) {
  for (Segment& segment : _segments) replay(segment, each, warnings);
}

void Segments::checkHeader(const std::string& path, std::string_view& octets, std::string& fault) const {
  const std::string_view head = octets.substr(0, HeaderBytes);
  if (head.size() < HeaderBytes) {
    fault = head == header(Version).substr(0, head.size()) ? "" : "it does not begin as a journal does";
    octets = {};
    return;
  }
  const auto version = static_cast<uint32_t>(readNumber(head.substr(Magic.size(), 4)));
  if (head != header(version)) {
    fault = "it does not begin as a journal does";
    octets = {};
  } else if (version != Version) {
    throw Poco::FileException(
        path + " has version " + std::to_string(version) + ", this program knows version " + std::to_string(Version) +
        ": start the program that wrote it, which empties it when it ends; or move the file away, and lose what it holds");
  } else {
    octets.remove_prefix(HeaderBytes);
  }
}

void Segments::replay(Segment& segment, const Each& each, std::vector<std::string>& warnings) {
  const std::string path = pathOf(segment.number);
  std::string octets;
  if (const auto error = _files.read(path, octets)) fail(path, error);
  segment.bytes = octets.size();
  std::string_view left = octets;
  std::string fault;
  checkHeader(path, left, fault);
  JournalRecord record;
  auto state = JournalRecord::Read::good;
  while (!left.empty() && (state = record.read(left)) == JournalRecord::Read::good) each(record);
  if (state == JournalRecord::Read::damaged) fault = "a record is damaged";
  segment.damaged = !fault.empty();
  if (segment.damaged)
    warnings.push_back(path + ": " + fault + "; of " + std::to_string(octets.size()) + " octets the last " +
                       std::to_string(left.empty() ? octets.size() : left.size()) + " are not used; the file is kept as " + path +
                       ".damaged");
  else if (!left.empty())
    warnings.push_back(path + ": its last record is not whole, as after a crash; " + std::to_string(left.size()) + " octets are cut off");
}

std::error_code Segments::begin() {
  _current.reset();
  const uint64_t number = ++_last;
  if (const auto error = _files.create(pathOf(number), _current)) return error;
  _segments.push_back({number});
  const std::string octets = header(Version);
  if (const auto error = _current->append(octets)) {
    _current.reset();
    return error;
  }
  _segments.back().bytes = octets.size();
  return {};
}

std::error_code Segments::append(std::string_view records, bool sync) {
  _segments.back().bytes += records.size();
  if (const auto error = _current->append(records)) return error;
  return sync ? _current->sync() : std::error_code();
}

std::error_code Segments::removeUpTo(uint64_t number) {
  while (!_segments.empty() && _segments.front().number <= number) {
    if (isOpen() && _segments.size() == 1) _current.reset();
    const Segment& oldest = _segments.front();
    const std::string path = pathOf(oldest.number);
    const auto error = oldest.damaged ? _files.rename(path, path + ".damaged") : _files.remove(path);
    if (error && error != std::errc::no_such_file_or_directory) return error;
    _segments.erase(_segments.begin());
  }
  return {};
}

uint64_t Segments::bytes() const {
  uint64_t sum = 0;
  for (const Segment& segment : _segments) sum += segment.bytes;
  return sum;
}

}  // namespace Patchbay::Usrloc
