#pragma once

#include <string>
#include <vector>

#include <Poco/Data/LOB.h>
#include <Poco/Data/Statement.h>
#include <Poco/Nullable.h>
#include <Poco/Types.h>

#include "patchbay/data/Table.h"

namespace Patchbay::Data {

/// The values of one column for a group of rows, in the form that Poco::Data binds. Statements keep references to it: it must not move.
class BoundColumn {
 public:
  explicit BoundColumn(const Column& column) : _column(column) { resize(1); }
  BoundColumn(const BoundColumn&) = delete;
  void bindTo(Poco::Data::Statement& statement);
  void resize(size_t rows);
  /// Converts what does not have the column's type; null becomes the column's default where null may not be.
  void set(size_t row, const Field& field);

 private:
  const Column& _column;
  std::vector<Poco::Nullable<Poco::Int64>> _integers;
  std::vector<Poco::Nullable<double>> _reals;
  std::vector<Poco::Nullable<std::string>> _texts;
};

/// The same for reading. Text is taken as octets, since Poco's text ends at the first NUL.
class ReadColumn {
 public:
  explicit ReadColumn(Column::Type type) : _type(type) {}
  ReadColumn(const ReadColumn&) = delete;
  void readFrom(Poco::Data::Statement& statement);
  void clear();
  size_t rows() const;
  Field get(size_t row) const;

 private:
  Column::Type _type;
  std::vector<Poco::Nullable<Poco::Int64>> _integers;
  std::vector<Poco::Nullable<double>> _reals;
  std::vector<Poco::Nullable<Poco::Data::BLOB>> _texts;
};

/// A field as text: for keys and comparisons; null is empty.
std::string textOf(const Field& field);

}  // namespace Patchbay::Data
