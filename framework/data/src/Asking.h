#pragma once

#include <deque>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include <Poco/Data/Session.h>
#include <Poco/Data/Statement.h>

#include "Columns.h"

namespace Patchbay::Data {

/// A prepared SELECT with the values that it is bound to. When it throws it is not to be used again.
class Asking {
 public:
  static constexpr size_t RowsAtOnce = 256;

  /// `askers` 0: one, and the rows come without a number before them.
  Asking(Poco::Data::Session& session, const std::string& text, const Table& table, const std::vector<std::string>& columns, size_t askers,
         bool wholeText);
  /// `asked`: the values for `columns`; when fewer than the statement has askers, the last one stands for the rest.
  void execute(std::span<const Row* const> asked, const std::function<void(size_t asker, Row&&)>& each,
               const std::function<void()>& progress);

 private:
  void bind();
  void give(size_t askers, const std::function<void(size_t, Row&&)>& each) const;
  void clear();

  const bool _numbered;
  const size_t _width;
  std::deque<Column> _asked;  // may be null, whatever the table says
  std::deque<BoundColumn> _conditions;
  std::deque<ReadColumn> _results;
  Poco::Data::Statement _statement;
  bool _bound = false;
};

}  // namespace Patchbay::Data
