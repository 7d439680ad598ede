#include "HeadScan.h"

#include <cstring>

#include "patchbay/parser/Fields.h"
#include "patchbay/parser/Names.h"

namespace Patchbay::Transport {

namespace {

bool isBlank(char c) {
  return c == ' ' || c == '\t';
}

/// A CR or LF that stands alone ends a line for some and not for others.
bool hasLoneLineEnd(std::string_view head) {
  for (size_t at = head.find('\n'); at != head.npos; at = head.find('\n', at + 1))
    if (at == 0 || head[at - 1] != '\r') return true;
  for (size_t at = head.find('\r'); at != head.npos; at = head.find('\r', at + 1))
    if (at + 1 == head.size() || head[at + 1] != '\n') return true;
  return false;
}

/// The end of the line that begins there, behind its folds and without its CRLF.
size_t endOfLine(std::string_view head, size_t begin) {
  size_t end = head.find("\r\n", begin);
  while (end != head.npos && end + 2 < head.size() && isBlank(head[end + 2])) end = head.find("\r\n", end + 2);
  return end == head.npos ? head.size() : end;
}

/// The value when the line is a Content-Length; data() is null otherwise.
std::string_view lengthIn(std::string_view line) {
  const size_t colon = line.find(':');
  if (colon == line.npos) return {};
  auto name = line.substr(0, colon);
  while (!name.empty() && isBlank(name.back())) name.remove_suffix(1);
  if (!Parser::equalIgnoringCase(name, "Content-Length") && !Parser::equalIgnoringCase(name, "l")) return {};
  auto value = line.substr(colon + 1);
  constexpr std::string_view around = " \t\r\n";
  const size_t first = value.find_first_not_of(around);
  if (first == value.npos) return value.substr(0, 0);
  return value.substr(first, value.find_last_not_of(around) - first + 1);
}

}  // namespace

HeadScan HeadScan::of(std::string_view head) {
  HeadScan scan;
  if (hasLoneLineEnd(head)) {
    scan.fault = {400, "bare CR or LF"};
    return scan;
  }
  for (size_t at = head.find("\r\n"); at != head.npos && at + 2 < head.size();) {
    const size_t begin = at + 2, end = endOfLine(head, begin);
    at = end;
    const char first = head[begin];
    if (first != 'C' && first != 'c' && first != 'l' && first != 'L') continue;
    const auto value = lengthIn(head.substr(begin, end - begin));
    if (!value.data()) continue;
    const auto length = Parser::parseNumber(value);
    if (scan.hasLength || !length) {
      scan.fault = {400, scan.hasLength ? "two Content-Length headers" : "malformed Content-Length"};
      return scan;
    }
    scan.hasLength = true;
    scan.length = *length;
  }
  return scan;
}

size_t endOfHead(std::string_view octets, size_t from) {
  const size_t at = octets.find("\r\n\r\n", from);
  return at == octets.npos ? at : at + 4;
}

}  // namespace Patchbay::Transport
