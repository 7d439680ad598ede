#pragma once

#include <deque>
#include <span>

#include <Poco/Data/Session.h>
#include <Poco/Data/Statement.h>

#include "Columns.h"
#include "WriteQueue.h"

namespace Patchbay::Data {

/// A prepared INSERT or DELETE with the values that it is bound to.
class Writing {
 public:
  /// `columns`: the ones that each row gives; so many `rows` are in the statement's text. With 0 the text has one, and any number of rows
  /// is bound as vectors.
  Writing(Poco::Data::Session& session, const std::string& text, const std::vector<const Column*>& columns, size_t rows);
  void execute(std::span<const Change* const> changes, bool keysOnly);

 private:
  void set(size_t row, const Row& values, const std::vector<size_t>* places);
  void bind();

  const size_t _width, _rows;
  std::deque<BoundColumn> _values;
  Poco::Data::Statement _statement;
  bool _bound = false;
};

}  // namespace Patchbay::Data
