#pragma once

#include <array>

#include "Code.h"

namespace Patchbay::Pipeline {

/// What a text with variables is put together from.
struct TextArgument::Parts {
  static constexpr size_t Most = 32;
  struct Part {
    std::string literal;
    const Variable* variable = nullptr;
    Type type = Type::text;
  };
  std::vector<Part> all;
};

/// The Binding of one place in a program.
class Binder : public Binding {
 public:
  Binder(ProgramCode& code, const Location& location, const ActionPlace* place, Problems& problems)
      : _code(code), _location(location), _place(place), _problems(problems) {}

  TextArgument text(std::string_view parameter) override;
  IntegerArgument integer(std::string_view parameter) override;
  bool boolean(std::string_view parameter) override;
  bool given(std::string_view parameter) override { return plan(parameter) != nullptr; }
  bool asPredicate() const override { return _place && _place->predicate; }
  std::optional<uint8_t> flagIndex(std::string_view name) override;
  std::optional<uint8_t> attributeIndex(std::string_view name) override;
  std::optional<uint16_t> pipeline(std::string_view name, std::string_view on) override;
  std::optional<uint16_t> usualPipeline(std::string_view on) override;
  const Location& location() const override { return _location; }
  void error(std::string text) override;

  TextArgument textOf(const Plan& plan) const;
  bool failed() const { return _failed; }

 private:
  const Parameter* parameter(std::string_view name) const;
  const Plan* plan(std::string_view parameter) const;
  std::optional<std::string> constant(std::string_view parameter) const;
  std::optional<uint8_t> indexOf(std::vector<std::string>& names, std::string_view name, size_t most, const char* kind);

  ProgramCode& _code;
  const Location& _location;
  const ActionPlace* _place;
  Problems& _problems;
  bool _failed = false;
};

}  // namespace Patchbay::Pipeline
