#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "patchbay/runtime/Files.h"

namespace Patchbay::Testsuite {

/// A disk in memory: one folder, whatever the paths say. Every step on it is counted and may be made to fail.
class FakeFiles : public Runtime::Files {
 public:
  struct Content {
    std::string octets;
    size_t synced = 0;
  };
  /// Asked with each step's number, from 1: true fails it. A failed append leaves half of its octets.
  std::function<bool(size_t step)> fails;
  size_t steps = 0, failed = 0;
  bool full = false;  ///< nothing new can be written
  std::map<std::string, std::shared_ptr<Content>> contents;

  /// What a power cut leaves.
  void cutPower() {
    for (auto& [name, content] : contents) content->octets.resize(content->synced);
  }
  std::string& octets(const std::string& name) { return contents.at(name)->octets; }
  /// The names, but for locks.
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& [name, content] : contents) names.push_back(name);
    return names;
  }

  std::error_code list(const std::string&, std::vector<std::string>& found) override {
    if (const auto error = step()) return error;
    found = names();
    return {};
  }
  std::error_code read(const std::string& path, std::string& octets) override {
    if (const auto error = step()) return error;
    const auto found = contents.find(nameOf(path));
    if (found == contents.end()) return std::make_error_code(std::errc::no_such_file_or_directory);
    octets = found->second->octets;
    return {};
  }
  std::error_code create(const std::string& path, std::unique_ptr<Runtime::AppendFile>& file) override {
    if (const auto error = step()) return error;
    if (full) return std::make_error_code(std::errc::no_space_on_device);
    auto [entry, made] = contents.emplace(nameOf(path), std::make_shared<Content>());
    if (!made) return std::make_error_code(std::errc::file_exists);
    file = std::make_unique<File>(*this, entry->second);
    return {};
  }
  std::error_code rename(const std::string& from, const std::string& to) override {
    if (const auto error = step()) return error;
    auto node = contents.extract(nameOf(from));
    if (node.empty()) return std::make_error_code(std::errc::no_such_file_or_directory);
    contents[nameOf(to)] = node.mapped();
    return {};
  }
  std::error_code remove(const std::string& path) override {
    if (const auto error = step()) return error;
    return contents.erase(nameOf(path)) ? std::error_code() : std::make_error_code(std::errc::no_such_file_or_directory);
  }
  std::error_code lock(const std::string& path, std::unique_ptr<Runtime::FileLock>& lock) override {
    if (const auto error = step()) return error;
    if (!_locks->insert(nameOf(path)).second) return std::make_error_code(std::errc::resource_unavailable_try_again);
    lock = std::make_unique<Lock>(_locks, nameOf(path));
    return {};
  }

 private:
  struct File : Runtime::AppendFile {
    File(FakeFiles& disk, std::shared_ptr<Content> content) : disk(disk), content(std::move(content)) {}
    std::error_code append(std::string_view octets) override {
      auto error = disk.step();
      if (!error && disk.full) error = std::make_error_code(std::errc::no_space_on_device);
      content->octets += error ? octets.substr(0, octets.size() / 2) : octets;
      return error;
    }
    std::error_code sync() override {
      if (const auto error = disk.step()) return error;
      content->synced = content->octets.size();
      return {};
    }
    FakeFiles& disk;
    std::shared_ptr<Content> content;
  };
  struct Lock : Runtime::FileLock {
    Lock(std::shared_ptr<std::set<std::string>> locks, std::string name) : locks(std::move(locks)), name(std::move(name)) {}
    ~Lock() override { locks->erase(name); }
    std::shared_ptr<std::set<std::string>> locks;
    std::string name;
  };
  std::error_code step() {
    ++steps;
    if (!fails || !fails(steps)) return {};
    ++failed;
    return std::make_error_code(std::errc::io_error);
  }
  static std::string nameOf(const std::string& path) { return path.substr(path.rfind('/') + 1); }
  std::shared_ptr<std::set<std::string>> _locks = std::make_shared<std::set<std::string>>();
};

}  // namespace Patchbay::Testsuite
