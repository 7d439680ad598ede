#include "Asking.h"

#include <algorithm>

#include "Dialect.h"

namespace Patchbay::Data {

using namespace Poco::Data::Keywords;

Asking::Asking(Poco::Data::Session& session, const std::string& text, const Table& table, const std::vector<std::string>& columns,
               size_t askers, bool wholeText)
    : _numbered(askers != 0), _width(columns.size()), _statement(session) {
  _statement << text;
  for (const auto& name : columns) {
    _asked.push_back(table.columns.at(columnIndex(table, name)));
    _asked.back().nullable = true;
  }
  for (size_t i = 0; i < std::max<size_t>(askers, 1); ++i)
    for (const Column& column : _asked) _conditions.emplace_back(column);
  if (_numbered) _results.emplace_back(Column::Type::integer, wholeText);
  for (const Column& column : table.columns) _results.emplace_back(column.type, wholeText);
}

void Asking::bind() {
  if (_bound) return;
  for (BoundColumn& condition : _conditions) condition.bindTo(_statement);
  for (ReadColumn& result : _results) result.readFrom(_statement);
  _statement, limit(RowsAtOnce);
  _bound = true;
}

void Asking::clear() {
  for (ReadColumn& result : _results) result.clear();
}

void Asking::execute(std::span<const Row* const> asked, const std::function<void(size_t, Row&&)>& each,
                     const std::function<void()>& progress) {
  static const Field none;
  for (size_t i = 0; i < _conditions.size(); ++i) {
    const Row& values = *asked[std::min(i / _width, asked.size() - 1)];
    _conditions[i].set(0, i % _width < values.size() ? values[i % _width] : none);
  }
  bind();
  for (bool more = true; more;) {
    clear();
    _statement.execute();
    give(asked.size(), each);
    more = !_statement.done();
    if (more && progress) progress();
  }
}

void Asking::give(size_t askers, const std::function<void(size_t, Row&&)>& each) const {
  const size_t first = _numbered ? 1 : 0;
  for (size_t row = 0; row < _results[0].rows(); ++row) {
    const size_t asker = _numbered ? static_cast<size_t>(std::get<int64_t>(_results[0].get(row))) : 0;
    if (asker >= askers) continue;
    Row fields;
    fields.reserve(_results.size());
    for (size_t i = first; i < _results.size(); ++i) fields.push_back(_results[i].get(row));
    each(asker, std::move(fields));
  }
}

}  // namespace Patchbay::Data
