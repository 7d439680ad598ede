#include "Table.h"

#include <algorithm>
#include <cstdio>

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include "patchbay/log/Setup.h"

namespace Patchbay::Client {

namespace {

using Poco::Dynamic::Var;
using Poco::JSON::Array;
using Poco::JSON::Object;
using Row = std::vector<std::string>;

std::string number(const Var& value) {
  if (value.isInteger()) return value.convert<std::string>();
  const auto real = value.convert<double>();
  if (real == static_cast<double>(static_cast<int64_t>(real))) return std::to_string(static_cast<int64_t>(real));
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", real);
  return text;
}

std::string written(const Var& value) {
  if (value.isEmpty()) return "-";
  if (value.isBoolean()) return value.convert<bool>() ? "yes" : "no";
  if (value.isNumeric()) return number(value);
  std::string out;
  if (value.type() == typeid(Array::Ptr)) {
    for (const auto& one : *value.extract<Array::Ptr>()) out += (out.empty() ? "" : ", ") + written(one);
    return out.empty() ? "(none)" : out;
  }
  if (value.type() == typeid(Object::Ptr)) {
    for (const auto& [name, member] : *value.extract<Object::Ptr>()) out += (out.empty() ? "" : " ") + name + "=" + written(member);
    return out;
  }
  return Log::escaped(value.convert<std::string>(), 1024);
}

/// Characters, not octets.
size_t width(const std::string& text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

void addColumns(const Object& object, std::vector<std::string>& columns) {
  for (const auto& [name, value] : object)
    if (std::find(columns.begin(), columns.end(), name) == columns.end()) columns.push_back(name);
}

void printRows(std::ostream& out, const std::vector<Row>& rows, const std::vector<bool>& numeric) {
  std::vector<size_t> widths(rows.front().size());
  for (const auto& row : rows)
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  for (const auto& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string fill(widths[i] - width(row[i]), ' ');
      line += (i == 0 ? "" : "  ") + (numeric[i] ? fill + row[i] : row[i] + fill);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << '\n';
  }
}

void printTable(std::ostream& out, const Array& list, std::vector<std::string> columns) {
  std::vector<Object::Ptr> objects;
  for (size_t i = 0; i < list.size(); ++i) objects.push_back(list.getObject(static_cast<unsigned>(i)));
  for (const auto& object : objects) addColumns(*object, columns);
  std::erase_if(columns, [&](const auto& name) {  // what nobody has
    return std::none_of(objects.begin(), objects.end(), [&](const auto& object) { return object->has(name); });
  });
  std::vector<Row> rows{columns};
  std::vector<bool> numeric(columns.size(), true);
  for (const auto& object : objects) {
    Row row;
    for (size_t i = 0; i < columns.size(); ++i) {
      const Var value = object->get(columns[i]);
      numeric[i] = numeric[i] && (value.isEmpty() || (value.isNumeric() && !value.isBoolean()));
      row.push_back(written(value));
    }
    rows.push_back(std::move(row));
  }
  printRows(out, rows, numeric);
}

bool isTable(const Var& json) {
  if (json.type() != typeid(Array::Ptr)) return false;
  const auto list = json.extract<Array::Ptr>();
  return list->size() != 0 && !list->getObject(0).isNull();
}

void printMembers(std::ostream& out, const Object& object, std::vector<std::string> columns) {
  const size_t wanted = columns.size();
  addColumns(object, columns);
  std::vector<Row> rows;
  for (const auto& name : columns)
    if (object.has(name) && !isTable(object.get(name))) rows.push_back({name, written(object.get(name))});
  if (!rows.empty()) printRows(out, rows, {false, false});
  for (const auto& name : columns) {
    if (!object.has(name) || !isTable(object.get(name))) continue;
    if (!rows.empty()) out << '\n';
    printTable(out, *object.getArray(name),
               std::vector<std::string>(columns.begin(), columns.begin() + static_cast<std::ptrdiff_t>(wanted)));
  }
}

}  // namespace

void print(std::ostream& out, const Var& json, const std::vector<std::string>& columns) {
  if (json.isEmpty()) return;
  if (json.type() == typeid(Object::Ptr)) return printMembers(out, *json.extract<Object::Ptr>(), columns);
  if (isTable(json)) return printTable(out, *json.extract<Array::Ptr>(), columns);
  if (json.type() != typeid(Array::Ptr)) {
    out << written(json) << '\n';
    return;
  }
  for (const auto& one : *json.extract<Array::Ptr>()) out << written(one) << '\n';
  if (json.extract<Array::Ptr>()->size() == 0) out << "(none)\n";
}

}  // namespace Patchbay::Client
