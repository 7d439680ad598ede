#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "JournalRecord.h"
#include "patchbay/runtime/Files.h"

namespace Patchbay::Usrloc {

/// The files of one table's journal, `<table>.journal.<number>` in the data folder. A segment begins with a header (magic, version,
/// checksum); records follow. Segments are only appended to, begun anew and removed. Used by one thread at a time.
class Segments {
 public:
  static constexpr uint32_t Version = 1;

  Segments(Runtime::Files& files, const std::string& folder, const std::string& table);

  /// Blocking: takes the lock, which others respect. Throws Poco::Exception.
  void lock();
  /// Blocking: finds what an earlier run has left. Throws Poco::Exception.
  void find();
  using Each = std::function<void(const JournalRecord&)>;
  /// Blocking: every record that can be used, oldest first; what could not as `warnings`. Throws Poco::Exception when a file cannot be read
  /// or is of a newer version.
  void replay(const Each& each, std::vector<std::string>& warnings);

  /// Begins a new segment; the one before is closed.
  std::error_code begin();
  std::error_code append(std::string_view records, bool sync);
  /// The current one is not to be written to any more.
  void close() { _current.reset(); }
  bool isOpen() const { return _current != nullptr; }
  /// Removes all but the current one, up to this number. Damaged ones are kept under another name.
  std::error_code removeUpTo(uint64_t number);

  uint64_t lastNumber() const { return _last; }
  uint64_t currentBytes() const { return isOpen() ? _segments.back().bytes : 0; }
  uint64_t bytes() const;
  bool isEmpty() const { return _segments.empty(); }

 private:
  struct Segment {
    uint64_t number;
    uint64_t bytes = 0;
    bool damaged = false;
  };
  std::string pathOf(uint64_t number) const { return _prefix + std::to_string(number); }
  /// Takes it from the octets; all of them, with a fault, when it is none. Throws Poco::Exception for a newer version.
  void checkHeader(const std::string& path, std::string_view& octets, std::string& fault) const;
  void replay(Segment& segment, const Each& each, std::vector<std::string>& warnings);

  Runtime::Files& _files;
  const std::string _folder, _name, _prefix;
  std::unique_ptr<Runtime::FileLock> _lock;
  std::vector<Segment> _segments;  ///< oldest first; the last one is the current one when there is one
  std::unique_ptr<Runtime::AppendFile> _current;
  uint64_t _last = 0;
};

}  // namespace Patchbay::Usrloc
