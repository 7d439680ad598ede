#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "patchbay/data/Table.h"

namespace Patchbay::Data {

/// The statements for a table in one kind of SQL. Names come from the declaration, checked by `fault`; values are always `?`.
class Dialect {
 public:
  virtual ~Dialect() = default;
  /// What is wrong with the declaration, empty when it can be used.
  static std::string fault(const Table& table);

  std::vector<std::string> create(const Table& table) const;
  std::string addColumn(const Table& table, const Column& column) const;
  /// `rows` at once; without `replacing` a row of the same key is an error.
  std::string insert(const Table& table, size_t rows, bool replacing) const;
  std::string removal(const Table& table, size_t rows) const;
  /// All rows in the order of the columns; with `columns` those where each has its value (null included).
  std::string select(const Table& table, const std::vector<std::string>& columns) const;
  /// The same for so many askers: the number of the asker (from 0) comes before the columns of its rows.
  std::string select(const Table& table, const std::vector<std::string>& columns, size_t askers) const;

  virtual const char* begin() const = 0;
  /// Whether statements for several rows are quicker than one statement with vectors bound to it.
  virtual bool manyRows() const = 0;
  /// Whether text comes back whole as string; else as large object.
  virtual bool wholeText() const = 0;
  /// Asks for (column, type, whether it must be given when a row is inserted: 0 or 1).
  virtual std::string columnsOf(const std::string& table) const = 0;
  /// Asks for (index, column) of everything that makes rows unique.
  virtual std::string uniquesOf(const std::string& table) const = 0;
  /// Whether values of a column of this type, as `columnsOf` has it, can be had as the declaration wants them.
  virtual bool serves(const std::string& type, Column::Type wanted) const = 0;

 protected:
  virtual std::string quoted(const std::string& name) const = 0;
  virtual std::string typeOf(const Column& column) const = 0;
  /// A column in a SELECT.
  virtual std::string readable(const Column& column) const { return quoted(column.name); }
  virtual const char* same() const = 0;
  /// The end of an INSERT that is to write over a row of the same key; `others`: the columns besides the key.
  virtual std::string otherwise(const Table& table, const std::vector<std::string>& others) const = 0;
  /// Indexes as statements of their own, or (text that begins with a comma) inside of CREATE TABLE.
  virtual std::string indexInside(const std::string& name, const std::string& columns) const = 0;
  virtual const char* tableOptions() const = 0;
  std::string list(const std::vector<std::string>& names) const;

 private:
  std::string definition(const Column& column) const;
  std::string conditions(const std::vector<std::string>& columns, const char* comparison) const;
};

class SqliteDialect final : public Dialect {
 public:
  const char* begin() const override { return "BEGIN IMMEDIATE"; }
  bool manyRows() const override { return false; }
  bool wholeText() const override { return false; }
  std::string columnsOf(const std::string& table) const override;
  std::string uniquesOf(const std::string& table) const override;
  bool serves(const std::string&, Column::Type) const override { return true; }

 protected:
  std::string quoted(const std::string& name) const override { return '"' + name + '"'; }
  std::string typeOf(const Column& column) const override;
  const char* same() const override { return " IS "; }
  std::string otherwise(const Table& table, const std::vector<std::string>& others) const override;
  std::string indexInside(const std::string&, const std::string&) const override { return {}; }
  const char* tableOptions() const override { return ""; }
};

class MysqlDialect final : public Dialect {
 public:
  const char* begin() const override { return "START TRANSACTION"; }
  bool manyRows() const override { return true; }
  bool wholeText() const override { return true; }
  std::string columnsOf(const std::string& table) const override;
  std::string uniquesOf(const std::string& table) const override;
  bool serves(const std::string& type, Column::Type wanted) const override;

 protected:
  std::string quoted(const std::string& name) const override { return '`' + name + '`'; }
  std::string typeOf(const Column& column) const override;
  std::string readable(const Column& column) const override;
  const char* same() const override { return " <=> "; }
  std::string otherwise(const Table& table, const std::vector<std::string>& others) const override;
  std::string indexInside(const std::string& name, const std::string& columns) const override;
  const char* tableOptions() const override { return " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin"; }
};

/// A letter or underscore, then letters, digits, underscores; at most 64.
bool isIdentifier(std::string_view name);
/// The place of a column in the declaration, or columns.size().
size_t columnIndex(const Table& table, const std::string& name);

}  // namespace Patchbay::Data
