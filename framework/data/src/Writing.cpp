#include "Writing.h"

#include "OpenTable.h"

namespace Patchbay::Data {

Writing::Writing(Poco::Data::Session& session, const std::string& text, const std::vector<const Column*>& columns, size_t rows)
    : _width(columns.size()), _rows(rows), _statement(session) {
  _statement << text;
  for (size_t row = 0; row < std::max<size_t>(rows, 1); ++row)
    for (const Column* column : columns) _values.emplace_back(*column);
}

/// `places`: where in the values this statement's columns are; null when in their order.
void Writing::set(size_t row, const Row& values, const std::vector<size_t>* places) {
  for (size_t i = 0; i < _width; ++i) {
    const size_t place = places ? (*places)[i] : i;
    static const Field none;
    const Field& value = place < values.size() ? values[place] : none;
    if (_rows == 0)
      _values[i].set(row, value);
    else
      _values[row * _width + i].set(0, value);
  }
}

void Writing::execute(std::span<const Change* const> changes, bool keysOnly) {
  if (_rows == 0)
    for (BoundColumn& column : _values) column.resize(changes.size());
  for (size_t row = 0; row < changes.size(); ++row) {
    const Change& change = *changes[row];
    set(row, change.values, keysOnly && !change.removal ? &change.table->keyColumns : nullptr);
  }
  bind();
  _statement.execute();
}

/// Only now: the first execution uses what the vectors were when they were bound, later ones look again.
void Writing::bind() {
  if (_bound) return;
  for (BoundColumn& value : _values) value.bindTo(_statement);
  _bound = true;
}

}  // namespace Patchbay::Data
