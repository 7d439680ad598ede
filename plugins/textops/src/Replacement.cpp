#include "Replacement.h"

#include <algorithm>

#include "HeaderLine.h"

namespace Patchbay::Textops {

using Parser::Slice;

Template Template::plain(std::string text) {
  Template result;
  result._pieces.push_back({std::move(text), -1});
  return result;
}

std::optional<Template> Template::withGroups(std::string_view text, int groups, std::string& why) {
  Template result;
  Piece piece;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      piece.text += text[i];
      continue;
    }
    const char next = text[++i];
    if (next < '0' || next > '9') {
      piece.text += next;
      continue;
    }
    piece.group = next - '0';
    if (piece.group > groups) {
      why = "\\" + std::to_string(piece.group) + ", but the expression has " + std::to_string(groups) + " groups";
      return std::nullopt;
    }
    result._pieces.push_back(std::exchange(piece, {}));
  }
  result._pieces.push_back(std::move(piece));
  return result;
}

std::string_view Template::fill(const Pattern::Groups& groups, Pipeline::Scratch& scratch) const {
  if (_pieces.size() == 1) return _pieces[0].text;
  size_t size = 0;
  for (const auto& piece : _pieces) size += piece.text.size() + (piece.group < 0 ? 0 : groups[static_cast<size_t>(piece.group)].size());
  char* room = scratch.take(size);
  char* at = room;
  for (const auto& piece : _pieces) {
    at = std::copy(piece.text.begin(), piece.text.end(), at);
    if (piece.group < 0) continue;
    const auto& group = groups[static_cast<size_t>(piece.group)];
    at = std::copy(group.begin(), group.end(), at);
  }
  return {room, size};
}

namespace {

/// The header line in which the match lies wholly; null when there is none.
const Parser::Header* lineOf(const Parser::Message& message, Slice match) {
  for (const auto& header : message.headers())
    if (match.begin >= header.line.begin && match.end() <= header.line.end()) return &header;
  return nullptr;
}

/// Without the carriage return that `.*` takes along at the end of a line.
Slice withoutReturn(std::string_view octets, Slice match) {
  const bool atEnd = match.length > 0 && match.end() < octets.size() && octets[match.end()] == '\n' && octets[match.end() - 1] == '\r';
  return {match.begin, match.length - (atEnd ? 1 : 0)};
}

}  // namespace

bool Replacement::replace(Core::Request& request, Slice match, std::string_view text, bool dry) const {
  const auto& message = request.message;
  if (match.begin >= message.bodyBegin()) return dry || request.edits.replaceInBody(message, match, text);
  match = withoutReturn(message.octets(), match);
  const auto found = message.text(match);
  const auto* header = lineOf(message, match);
  const bool whole = header && found.find_first_of("\r\n") == found.npos;
  return whole && !isFixed(header->id) && (dry || request.edits.replace(match, text));
}

bool Replacement::apply(Core::Request& request, Pipeline::Machine& machine) const {
  const auto octets = request.message.octets();
  bool any = false;
  size_t from = request.message.headersBegin();
  Pattern::Groups groups;
  for (int count = 0; count < Most && from <= octets.size() && _pattern->find(octets, from, groups); ++count) {
    const auto begin = static_cast<size_t>(groups[0].data() - octets.data());
    const Slice match{static_cast<uint32_t>(begin), static_cast<uint32_t>(groups[0].size())};
    const bool done = match.length > 0 && replace(request, match, _text.fill(groups, machine.scratch()), machine.dry());
    any |= done;
    if (done && !_all) break;
    from = std::max<size_t>(match.end(), begin + 1);
  }
  return any;
}

namespace {

/// Up to the next delimiter that has no backslash before it; takes that backslash out. False when there is none.
bool take(std::string_view& rest, char delimiter, std::string& out) {
  for (size_t i = 0; i < rest.size(); ++i) {
    if (rest[i] == delimiter) {
      rest.remove_prefix(i + 1);
      return true;
    }
    if (rest[i] == '\\' && i + 1 < rest.size()) {
      if (rest[i + 1] != delimiter) out += rest[i];
      ++i;
    }
    out += rest[i];
  }
  return false;
}

}  // namespace

std::optional<Substitution> Substitution::parse(std::string_view expression, std::string& why) {
  Substitution result;
  auto rest = expression;
  const char delimiter = rest.empty() ? '\\' : rest.front();
  if (!rest.empty()) rest.remove_prefix(1);
  if (delimiter == '\\' || !take(rest, delimiter, result.pattern) || !take(rest, delimiter, result.text)) {
    why = "'" + std::string(expression) + "' is no /expression/replacement/flags";
    return std::nullopt;
  }
  for (const char flag : rest) {
    if (flag != 'i' && flag != 'g') {
      why = "unknown flag '" + std::string(1, flag) + "'; allowed: i (any case), g (all matches)";
      return std::nullopt;
    }
    (flag == 'i' ? result.anyCase : result.all) = true;
  }
  return result;
}

}  // namespace Patchbay::Textops
