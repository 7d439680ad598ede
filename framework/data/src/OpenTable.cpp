#include "OpenTable.h"

#include <algorithm>

#include <Poco/Exception.h>

#include "Columns.h"
#include "Dialect.h"

namespace Patchbay::Data {

namespace {

void append(std::string& key, const std::string& part) {
  const auto length = static_cast<uint32_t>(part.size());
  key.append(reinterpret_cast<const char*>(&length), sizeof length);
  key += part;
}

std::string begin(uint16_t number) {
  return {reinterpret_cast<const char*>(&number), sizeof number};
}

}  // namespace

OpenTable::OpenTable(const Table& declared, uint16_t theNumber) : table(declared), declaredAt(&declared), number(theNumber) {
  for (const auto& name : table.key) keyColumns.push_back(columnIndex(table, name));
}

bool OpenTable::isFor(const Table& declared) const {
  const auto same = [](const Column& one, const Column& other) { return one.name == other.name && one.type == other.type; };
  return table.name == declared.name && table.key == declared.key && table.version == declared.version && table.oldest == declared.oldest &&
         std::equal(table.columns.begin(), table.columns.end(), declared.columns.begin(), declared.columns.end(), same);
}

OpenTable& OpenTables::add(const Table& table) {
  std::lock_guard<std::mutex> lock(_mutex);
  const size_t place = _size.load(std::memory_order_relaxed);
  for (size_t i = 0; i < place; ++i)
    if (_tables[i]->isFor(table)) return *_tables[i];
  if (place == Most) throw Poco::RangeException("a database with more than " + std::to_string(Most) + " tables");
  _tables[place] = std::make_unique<OpenTable>(table, numberOf(table.name));
  _size.store(place + 1, std::memory_order_release);
  return *_tables[place];
}

uint16_t OpenTables::numberOf(const std::string& name) const {
  size_t number = 0;
  while (number < size() && _tables[number]->table.name != name) ++number;
  return static_cast<uint16_t>(number);
}

OpenTable* OpenTables::find(const Table& table) const {
  const size_t count = size();
  for (size_t i = 0; i < count; ++i)
    if (_tables[i]->declaredAt == &table && _tables[i]->table.name == table.name) return _tables[i].get();
  for (size_t i = 0; i < count; ++i)
    if (_tables[i]->isFor(table)) return _tables[i].get();
  return nullptr;
}

std::string OpenTable::keyOfRow(const Row& row) const {
  std::string key = begin(number);
  for (const size_t column : keyColumns) append(key, column < row.size() ? textOf(row[column]) : std::string());
  return key;
}

std::string OpenTable::keyOfKey(const Row& values) const {
  std::string key = begin(number);
  for (size_t i = 0; i < keyColumns.size(); ++i) append(key, i < values.size() ? textOf(values[i]) : std::string());
  return key;
}

}  // namespace Patchbay::Data
