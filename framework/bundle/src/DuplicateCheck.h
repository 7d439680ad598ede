#pragma once

#include <map>
#include <string>

#include "patchbay/bundle/Loader.h"

namespace Patchbay::Bundle {

/// Refuses what two bundles (or one twice) declare under one name.
class DuplicateCheck {
 public:
  explicit DuplicateCheck(Pipeline::Problems& problems);
  void add(const Loaded& loaded);

 private:
  void claim(const Loaded& loaded, const std::string& kind, const std::string& name);
  Pipeline::Problems& _problems;
  std::map<std::string, std::string> _owners;  ///< "action say" -> bundle
};

}  // namespace Patchbay::Bundle
