#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/pipeline/Machine.h"
#include "patchbay/pipeline/Problems.h"
#include "patchbay/pipeline/Value.h"

namespace Patchbay::Pipeline {

/// A parameter of an action, or a setting of a bundle: declared once, checked by the framework, documented from here.
struct Parameter {
  std::string name;
  Type type = Type::text;
  std::string summary;
  bool required = false;
  std::optional<std::string> fallback = {};  ///< the default, as it would be written
  /// Ranges of numbers; of durations in nanoseconds, of sizes in octets.
  int64_t least = std::numeric_limits<int64_t>::min();
  int64_t most = std::numeric_limits<int64_t>::max();
  std::vector<std::string> choices = {};  ///< the allowed words, when only some are
  bool constant = false;                  ///< no ${...} but load-time constants
};

/// What an action does to the world; explain's dry runs and the documentation go by it.
enum Effect : uint8_t { reads = 1, edits = 2, changesState = 4, sends = 8, answers = 16 };

/// An action bound to its place in a program. `run` is called on workers, on several at once: its members are constant after binding.
class PATCHBAY_API Action {
 public:
  virtual ~Action() = default;
  virtual Verdict run(Machine& machine) = 0;
};

/// A text argument: constant, or with ${...} put in anew at each run. An absent variable gives empty text.
class PATCHBAY_API TextArgument {
 public:
  TextArgument() = default;
  explicit TextArgument(std::string constant) : _constant(std::move(constant)) {}
  /// Borrowed from the program or the machine's scratch.
  std::string_view get(Machine& machine) const { return _parts ? compose(machine) : std::string_view(_constant); }
  bool isConstant() const { return _parts == nullptr; }
  /// Load time: of a parameter declared as constant.
  const std::string& constant() const { return _constant; }

 private:
  friend class Binder;
  struct Parts;
  std::string_view compose(Machine& machine) const;
  std::string _constant;
  std::shared_ptr<const Parts> _parts;
};

/// An integer argument (also durations in nanoseconds and sizes in octets). What ${...} gives may be no number or out of range: then none.
class PATCHBAY_API IntegerArgument {
 public:
  explicit IntegerArgument(int64_t constant = 0) : _constant(constant) {}
  std::optional<int64_t> get(Machine& machine) const { return _text.isConstant() ? std::optional<int64_t>(_constant) : compute(machine); }
  bool isConstant() const { return _text.isConstant(); }

 private:
  friend class Binder;
  std::optional<int64_t> compute(Machine& machine) const;
  int64_t _constant = 0, _least = 0, _most = 0;
  Type _type = Type::integer;
  TextArgument _text;
};

/// What an action's place gives it when the program is bound: its arguments (types, ranges and defaults already checked) and where it
/// stands.
class PATCHBAY_API Binding {
 public:
  virtual ~Binding() = default;
  /// Of a declared parameter, by name; without argument or default an empty constant.
  virtual TextArgument text(std::string_view parameter) = 0;
  virtual IntegerArgument integer(std::string_view parameter) = 0;
  /// Constant ones.
  virtual bool boolean(std::string_view parameter) = 0;
  virtual bool given(std::string_view parameter) = 0;
  /// Stands in an expression (its yes or no is used) rather than as a step.
  virtual bool asPredicate() const = 0;
  /// The index of a flag (0 to 63) or attribute (0 to 255) of that name in this program; the same name gives the same index. A settling
  /// `none` when too many.
  virtual std::optional<uint8_t> flagIndex(std::string_view name) = 0;
  virtual std::optional<uint8_t> attributeIndex(std::string_view name) = 0;
  /// The entry of a pipeline by name, as for t_on_failure('gw'); an unknown name, or one with another `on=`, is reported and gives none.
  virtual std::optional<uint16_t> pipeline(std::string_view name, std::string_view on) = 0;
  /// The pipeline with this `on=` that has the entry point's name as its own: the one that runs when none is chosen. None when there is
  /// none.
  virtual std::optional<uint16_t> usualPipeline(std::string_view on) = 0;
  virtual const Location& location() const = 0;
  /// Refuses the program with this text at this place.
  virtual void error(std::string text) = 0;
};

struct ActionDeclaration {
  std::string name;
  std::string summary;
  std::vector<Parameter> parameters = {};
  std::vector<std::string> entries = {"request"};  ///< the entry points where it may run; "*" is all
  bool step = true;                                ///< may stand as an element
  bool predicate = false;                          ///< may stand in an expression
  bool settles = false;                            ///< when it does not return no or error
  bool settlesAsPredicate = false;                 ///< its yes settles also in an expression (t_relay)
  bool after = false;                              ///< may follow a settling action
  bool suspends = false;
  uint8_t effects = reads;  ///< Effect bits
  /// Its run looks at Machine::dry() and then only reads and edits. Without it a dry run leaves an action with other effects out and takes
  /// its yes (settled, when it settles).
  bool rehearses = false;
  std::string yes = {};  ///< what true means
  std::string no = {};   ///< what false means
  std::function<std::unique_ptr<Action>(Binding&)> bind;
};

/// A variable bound to its place. Constant after binding; read on workers.
class PATCHBAY_API Variable {
 public:
  virtual ~Variable() = default;
  virtual Value read(Machine& machine) const = 0;
  /// For <set>; false when the value does not fit. Only for declarations with `writable`.
  virtual bool write(Machine& machine, const Value& value) const;
};

/// How a variable was written: `header['X-Foo',*]` is name "header", key "X-Foo", all; `attr.gw` is name "attr", key "gw".
struct VariableReference {
  std::string name;
  std::string key;
  bool all = false;
};

struct VariableDeclaration {
  enum class Form : uint8_t { plain, dotted, bracketed };  ///< method, flag.NAME, header['NAME']
  std::string name;
  std::string summary;
  Type type = Type::text;
  Form form = Form::plain;
  std::vector<std::string> entries = {"*"};
  bool writable = false;
  std::function<std::unique_ptr<Variable>(const VariableReference&, Binding&)> bind;
};

/// A named right side with a meaning of its own: `x.host in domains`, `uri == myself`. The operators allowed are `in` (set) or `==` and
/// `!=`.
class PATCHBAY_API Membership {
 public:
  virtual ~Membership() = default;
  virtual bool contains(Machine& machine, const Value& left) const = 0;
};

struct MembershipDeclaration {
  std::string name;
  std::string summary;
  bool set = true;  ///< used with `in`; else with == and !=
  std::vector<std::string> entries = {"*"};
  /// `left` is the variable on the left side as it was written; refuse it with Binding::error when it makes no sense.
  std::function<std::unique_ptr<Membership>(const std::string& left, Binding&)> bind;
};

/// Where pipelines begin: `on="request"`.
struct EntryDeclaration {
  std::string name;
  std::string summary;
  bool mustSettle = false;  ///< a path that can end without settling is worth a warning
  bool single = true;       ///< at most one pipeline has this `on`; else they are named by actions (t_on_failure), but for the one with
                            ///< the entry point's own name, which runs when none is named
};

/// What rules may use: the sum of all loaded bundles' declarations plus the language's own actions (log is core's, route, return, stop are
/// the language's).
class PATCHBAY_API Vocabulary {
 public:
  /// Begins with the language's own variables, error.action and error.text.
  Vocabulary();
  void add(ActionDeclaration declaration);
  void add(VariableDeclaration declaration);
  void add(MembershipDeclaration declaration);
  void add(EntryDeclaration declaration);
  const ActionDeclaration* action(std::string_view name) const;
  const VariableDeclaration* variable(std::string_view name) const;
  const MembershipDeclaration* membership(std::string_view name) const;
  const EntryDeclaration* entry(std::string_view name) const;
  const std::vector<ActionDeclaration>& actions() const { return _actions; }
  const std::vector<VariableDeclaration>& variables() const { return _variables; }
  const std::vector<MembershipDeclaration>& memberships() const { return _memberships; }
  const std::vector<EntryDeclaration>& entries() const { return _entries; }
  /// Actions of bundles that exist but are not loaded: name -> bundle, for the error text "is given by bundle 'x'".
  std::map<std::string, std::string, std::less<>> elsewhere;

 private:
  std::vector<ActionDeclaration> _actions;
  std::vector<VariableDeclaration> _variables;
  std::vector<MembershipDeclaration> _memberships;
  std::vector<EntryDeclaration> _entries;
};

}  // namespace Patchbay::Pipeline
