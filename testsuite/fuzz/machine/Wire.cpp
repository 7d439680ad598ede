#include "Wire.h"

#include <cstdlib>

#include "patchbay/parser/Names.h"

namespace Patchbay::Fuzz {

Wire::Wire(std::string text) : octets(std::move(text)) {
  const size_t end = octets.find("\r\n\r\n");
  if (end == std::string::npos) return;
  body = octets.substr(end + 4);
  std::string_view head = std::string_view(octets).substr(0, end + 2);
  while (!head.empty()) {
    const size_t lineEnd = head.find("\r\n");
    _lines.emplace_back(head.substr(0, lineEnd));
    head.remove_prefix(lineEnd + 2);
  }
  good = !_lines.empty();
  if (!good) return;
  readStartLine(_lines[0]);
  for (size_t i = 1; i < _lines.size(); ++i) readHeader(_lines[i]);
  if (!request) {
    const auto cseq = value("CSeq");
    method = cseq.substr(cseq.find_last_of(' ') + 1);
  }
  if (!vias.empty()) branch = parameter(vias[0], "branch");
}

void Wire::readStartLine(std::string_view line) {
  request = !line.starts_with("SIP/2.0 ");
  if (!request) {
    status = std::atoi(std::string(line.substr(8, 3)).c_str());
    return;
  }
  const size_t blank = line.find(' ');
  good = blank != std::string_view::npos;
  method = line.substr(0, blank);
  if (good) uri = line.substr(blank + 1, line.rfind(' ') - blank - 1);
}

void Wire::readHeader(std::string_view line) {
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) {
    good &= line.starts_with(' ') || line.starts_with('\t');
    return;
  }
  const auto name = line.substr(0, colon);
  if (Parser::headerOf(name) == Parser::HeaderId::via)
    for (auto rest = line.substr(colon + 1); !rest.empty();
         rest.remove_prefix(std::min(rest.size(), rest.find(',')) + (rest.find(',') < rest.size())))
      vias.emplace_back(rest.substr(0, rest.find(',')));
  if (name == "X-Mark") mark = static_cast<size_t>(std::atoi(std::string(line.substr(colon + 1)).c_str()));
}

std::string Wire::value(std::string_view name) const {
  for (const auto& line : _lines)
    if (line.starts_with(name) && line.substr(name.size(), 2) == ": ") return line.substr(name.size() + 2);
  return {};
}

std::string Wire::withoutTopVia() const {
  std::string all;
  bool gone = false;
  for (const auto& line : _lines)
    if (gone || !line.starts_with("Via: "))
      all += line + "\r\n";
    else
      gone = true;
  return all + "\r\n" + body;
}

std::string Wire::parameter(std::string_view of, std::string_view name) {
  const std::string wanted = ";" + std::string(name) + "=";
  const size_t at = of.find(wanted);
  if (at == std::string_view::npos) return {};
  const auto rest = of.substr(at + wanted.size());
  return std::string(rest.substr(0, rest.find_first_of(";, ")));
}

}  // namespace Patchbay::Fuzz
