#include "Columns.h"

#include <algorithm>
#include <charconv>

namespace Patchbay::Data {

namespace {

using namespace Poco::Data::Keywords;

template <class Number>
Number numberOf(std::string_view text) {
  Number number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

Poco::Int64 integerOf(const Field& field) {
  if (const auto* integer = std::get_if<int64_t>(&field)) return *integer;
  if (const auto* real = std::get_if<double>(&field)) return static_cast<Poco::Int64>(*real);
  return numberOf<Poco::Int64>(std::get<std::string>(field));
}

double realOf(const Field& field) {
  if (const auto* real = std::get_if<double>(&field)) return *real;
  if (const auto* integer = std::get_if<int64_t>(&field)) return static_cast<double>(*integer);
  return numberOf<double>(std::get<std::string>(field));
}

/// No database has an empty time.
Field defaultOf(const Column& column) {
  if (column.type == Column::Type::time && column.fallback.empty()) return std::string("1970-01-01 00:00:00");
  return column.fallback;
}

}  // namespace

std::string textOf(const Field& field) {
  if (const auto* text = std::get_if<std::string>(&field)) return *text;
  if (const auto* integer = std::get_if<int64_t>(&field)) return std::to_string(*integer);
  if (const auto* real = std::get_if<double>(&field)) {
    char text[40];
    return {text, std::to_chars(text, text + sizeof text, *real).ptr};
  }
  return {};
}

void BoundColumn::bindTo(Poco::Data::Statement& statement) {
  if (_column.type == Column::Type::integer)
    statement, use(_integers);
  else if (_column.type == Column::Type::real)
    statement, use(_reals);
  else
    statement, use(_texts);
}

void BoundColumn::resize(size_t rows) {
  if (_column.type == Column::Type::integer)
    _integers.resize(rows);
  else if (_column.type == Column::Type::real)
    _reals.resize(rows);
  else
    _texts.resize(rows);
}

void BoundColumn::set(size_t row, const Field& field) {
  const bool null = std::holds_alternative<std::monostate>(field);
  if (null && !_column.nullable) return set(row, defaultOf(_column));
  if (_column.type == Column::Type::integer)
    _integers[row] = null ? Poco::Nullable<Poco::Int64>() : Poco::Nullable<Poco::Int64>(integerOf(field));
  else if (_column.type == Column::Type::real)
    _reals[row] = null ? Poco::Nullable<double>() : Poco::Nullable<double>(realOf(field));
  else
    _texts[row] = null ? Poco::Nullable<std::string>() : Poco::Nullable<std::string>(textOf(field));
}

void ReadColumn::readFrom(Poco::Data::Statement& statement) {
  if (_type == Column::Type::integer)
    statement, into(_integers);
  else if (_type == Column::Type::real)
    statement, into(_reals);
  else if (_whole)
    statement, into(_texts);
  else
    statement, into(_objects);
}

void ReadColumn::clear() {
  _integers.clear();
  _reals.clear();
  _texts.clear();
  _objects.clear();
}

size_t ReadColumn::rows() const {
  return std::max({_integers.size(), _reals.size(), _texts.size(), _objects.size()});
}

Field ReadColumn::get(size_t row) const {
  if (_type == Column::Type::integer) return _integers[row].isNull() ? Field() : Field(static_cast<int64_t>(_integers[row].value()));
  if (_type == Column::Type::real) return _reals[row].isNull() ? Field() : Field(_reals[row].value());
  return textAt(row);
}

Field ReadColumn::textAt(size_t row) const {
  if (_whole) return _texts[row].isNull() ? Field() : Field(_texts[row].value());
  if (_objects[row].isNull()) return {};
  const Poco::Data::BLOB& octets = _objects[row].value();
  return std::string(reinterpret_cast<const char*>(octets.rawContent()), octets.size());
}

}  // namespace Patchbay::Data
