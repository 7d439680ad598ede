#pragma once

#include <string>
#include <vector>

namespace Patchbay::Testsuite {

/// Requests in which one place at a time holds what should not be there, in the manner of the PROTOS suite for SIP: every place with every
/// value.
class Protos {
 public:
  Protos();
  size_t size() const { return _slots.size() * _values.size(); }
  size_t slots() const { return _slots.size(); }
  /// The request; `name` says place and value.
  std::string at(size_t index, std::string& name) const;

 private:
  struct Slot {
    std::string name, sound;
    size_t request;
  };
  void addTemplate(const std::string& text);
  std::vector<std::string> _templates;
  std::vector<Slot> _slots;
  std::vector<std::string> _values;
};

}  // namespace Patchbay::Testsuite
