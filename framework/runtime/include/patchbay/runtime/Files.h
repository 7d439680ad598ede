#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "patchbay/log/Api.h"

namespace Patchbay::Runtime {

/// A file that grows at its end. Used by one thread at a time; closed at its end.
class PATCHBAY_API AppendFile {
 public:
  virtual ~AppendFile() = default;
  /// Blocking. After an error, any first part of the octets may be in the file.
  virtual std::error_code append(std::string_view octets) = 0;
  /// Blocking: to the medium, so that a power cut leaves it. After an error nothing is known of what was appended since the last success,
  /// and trying again proves nothing.
  virtual std::error_code sync() = 0;
};

/// A lock on a path; given back at its end, also by a kill.
class PATCHBAY_API FileLock {
 public:
  virtual ~FileLock() = default;
};

/// What is kept in files by whoever writes journals, so that a test can be the disk and fail each step of it. All calls may block.
class PATCHBAY_API Files {
 public:
  virtual ~Files() = default;
  /// The names in a folder, in any order.
  virtual std::error_code list(const std::string& folder, std::vector<std::string>& names) = 0;
  virtual std::error_code read(const std::string& path, std::string& octets) = 0;
  /// A new file, for the owner only; one that is there already is an error. Its name survives a power cut after `sync`.
  virtual std::error_code create(const std::string& path, std::unique_ptr<AppendFile>& file) = 0;
  virtual std::error_code rename(const std::string& from, const std::string& to) = 0;
  virtual std::error_code remove(const std::string& path) = 0;
  /// Makes the file when it is absent. std::errc::resource_unavailable_try_again: somebody else holds the lock.
  virtual std::error_code lock(const std::string& path, std::unique_ptr<FileLock>& lock) = 0;
};

/// The machine's disks.
PATCHBAY_API std::unique_ptr<Files> makeSystemFiles();

}  // namespace Patchbay::Runtime
