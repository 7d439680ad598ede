#include "patchbay/parser/Edits.h"

#include <algorithm>

#include "patchbay/parser/Names.h"

namespace Patchbay::Parser {

void Edits::clear() {
  _splices.clear();
  _texts.clear();
  _growth = 0;
}

bool Edits::replace(Slice where, std::string_view text) {
  return isHeaderSafe(text) && splice(where, text);
}

bool Edits::replaceInBody(const Message& message, Slice where, std::string_view text) {
  const size_t end = message.bodyBegin() + message.body().size();
  return where.begin >= message.bodyBegin() && where.end() >= where.begin && where.end() <= end && splice(where, text);
}

bool Edits::appendHeader(const Message& message, std::string_view name, std::string_view value) {
  return insertLine(message.headersEnd(), name, value);
}

bool Edits::insertHeader(const Message& message, HeaderId before, std::string_view name, std::string_view value) {
  const Header* header = message.first(before);
  return insertLine(header ? header->line.begin : message.headersBegin(), name, value);
}

bool Edits::insertLine(uint32_t at, std::string_view name, std::string_view value) {
  if (!isToken(name) || !isHeaderSafe(value) || !place({at, 0}, name.size() + value.size() + 4)) return false;
  for (const std::string_view part : {name, std::string_view(": "), value, std::string_view("\r\n")}) _texts.append(part);
  return true;
}

bool Edits::insertLines(uint32_t at, std::string_view lines) {
  return splice({at, 0}, lines);
}

namespace {

/// An insertion only collides with what it stands strictly inside of.
bool overlap(uint32_t begin, uint32_t end, uint32_t otherBegin, uint32_t otherEnd) {
  if (begin == end && otherBegin == otherEnd) return false;
  return begin < otherEnd && otherBegin < end;
}

}  // namespace

/// Whether an earlier removal took all of it already.
bool Edits::covered(const Splice& wanted) const {
  return std::any_of(_splices.begin(), _splices.end(),
                     [&wanted](const Splice& one) { return !one.length && one.begin <= wanted.begin && wanted.end <= one.end; });
}

/// Joins a removal with the removals that it overlaps; false when it overlaps anything else.
bool Edits::absorb(Splice& wanted) {
  const auto touched = [&wanted](const Splice& one) { return overlap(wanted.begin, wanted.end, one.begin, one.end); };
  if (std::any_of(_splices.begin(), _splices.end(), [&](const Splice& one) { return one.length && touched(one); })) return false;
  for (const Splice& one : _splices) {
    if (!touched(one)) continue;
    wanted.begin = std::min(wanted.begin, one.begin);
    wanted.end = std::max(wanted.end, one.end);
  }
  std::erase_if(_splices, touched);
  return true;
}

bool Edits::splice(Slice where, std::string_view text) {
  if (!place(where, text.size())) return false;
  _texts.append(text);
  return true;
}

/// Makes a splice whose text is to be appended by the caller.
bool Edits::place(Slice where, size_t length) {
  Splice wanted{where.begin, where.end(), static_cast<uint32_t>(_texts.size()), static_cast<uint32_t>(length)};
  if (wanted.end < wanted.begin) return false;
  if (!length) {
    if (wanted.begin == wanted.end || covered(wanted)) return true;
    if (!absorb(wanted)) return false;
  } else if (std::any_of(_splices.begin(), _splices.end(),
                         [&wanted](const Splice& one) { return overlap(wanted.begin, wanted.end, one.begin, one.end); })) {
    return false;
  }
  const auto behind =
      std::upper_bound(_splices.begin(), _splices.end(), wanted.begin, [](uint32_t begin, const Splice& one) { return begin < one.begin; });
  _splices.insert(behind, wanted);
  _growth += length;
  return true;
}

}  // namespace Patchbay::Parser
