#include "OpenTable.h"

#include "Columns.h"

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
