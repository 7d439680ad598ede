#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/bundle/Plugin.h"
#include "patchbay/pipeline/Node.h"

namespace Patchbay::Bundle {

/// Puts the constants' values in for `${name}`; `unknown(name)` is called for each one that is none, and it becomes empty.
PATCHBAY_API std::string expand(std::string_view text, const Pipeline::Constants& constants,
                                const std::function<void(const std::string& name)>& unknown);

/// Settings as an element of the configuration gives them. Reports at once, to `problems`: unknown attributes, missing ones, values that do
/// not fit.
class PATCHBAY_API NodeSettings : public Settings {
 public:
  /// `node` may be null: everything is as declared. `whole` is the location of what is not written.
  NodeSettings(const std::vector<Pipeline::Parameter>& declared, const Pipeline::Node* node, const Pipeline::Constants& constants,
               const Pipeline::Location& whole, Pipeline::Problems& problems);
  std::string text(std::string_view name) const override;
  int64_t integer(std::string_view name) const override;
  std::chrono::nanoseconds duration(std::string_view name) const override;
  bool boolean(std::string_view name) const override;
  std::vector<std::string> list(std::string_view name) const override;
  bool given(std::string_view name) const override;
  Pipeline::Location location(std::string_view name) const override;
  /// As it is written, with constants put in; the default when it is not.
  const std::string& written(std::string_view name) const { return entry(name).value; }
  /// Of the element, or of the configuration when there is none.
  const Pipeline::Location& whole() const { return _element; }

 private:
  struct Entry {
    Pipeline::Type type;
    std::string value;
    bool given = false;
  };
  const Entry& entry(std::string_view name) const;
  void take(const Pipeline::Node& node, const Pipeline::Constants& constants, const std::vector<Pipeline::Parameter>& declared,
            Pipeline::Problems& problems);
  std::map<std::string, Entry, std::less<>> _entries;
  Pipeline::Location _whole;
  Pipeline::Location _element;
};

}  // namespace Patchbay::Bundle
