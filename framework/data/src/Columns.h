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

/// The same for reading. Where text is not whole, it is taken as a large object: Poco's text then ends at the first NUL.
class ReadColumn {
 public:
  ReadColumn(Column::Type type, bool wholeText) : _type(type), _whole(wholeText) {}
  ReadColumn(const ReadColumn&) = delete;
  void readFrom(Poco::Data::Statement& statement);
  void clear();
  size_t rows() const;
  Field get(size_t row) const;

 private:
  Field textAt(size_t row) const;

  const Column::Type _type;
  const bool _whole;
  std::vector<Poco::Nullable<Poco::Int64>> _integers;
  std::vector<Poco::Nullable<double>> _reals;
  std::vector<Poco::Nullable<std::string>> _texts;
  std::vector<Poco::Nullable<Poco::Data::BLOB>> _objects;
};

/// A field as text: for keys and comparisons; null is empty.
std::string textOf(const Field& field);

}  // namespace Patchbay::Data
