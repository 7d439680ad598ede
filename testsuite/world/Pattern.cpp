#include "Pattern.h"

namespace Patchbay::Testsuite {

namespace {

/// Cuts the first placeholder out of `text`: what stands before it, its name, the rest. False when there is none.
bool cut(std::string_view text, std::string_view& before, std::string_view& name, std::string_view& rest) {
  const auto open = text.find('{');
  const auto close = open == std::string_view::npos ? open : text.find('}', open);
  if (close == std::string_view::npos) return false;
  before = text.substr(0, open);
  name = text.substr(open + 1, close - open - 1);
  rest = text.substr(close + 1);
  return true;
}

std::vector<std::string_view> linesOf(std::string_view message) {
  std::vector<std::string_view> lines;
  size_t at = 0;
  while (at < message.size()) {
    const auto end = message.find("\r\n", at);
    lines.push_back(message.substr(at, end == std::string_view::npos ? end : end - at));
    if (end == std::string_view::npos) break;
    at = end + 2;
  }
  return lines;
}

}  // namespace

std::optional<std::string> fill(std::string_view text, const Captures& captures, std::string& missing) {
  std::string filled;
  std::string_view before, name, rest;
  while (cut(text, before, name, rest)) {
    const auto found = captures.find(name);
    if (found == captures.end()) {
      missing = name;
      return {};
    }
    filled.append(before).append(found->second);
    text = rest;
  }
  return filled.append(text);
}

bool matches(std::string_view pattern, std::string_view line, Captures& captures) {
  std::string_view before, name, rest;
  if (!cut(pattern, before, name, rest)) return pattern == line;
  if (line.substr(0, before.size()) != before) return false;
  line.remove_prefix(before.size());
  const auto known = captures.find(name);
  if (known != captures.end())
    return line.substr(0, known->second.size()) == known->second && matches(rest, line.substr(known->second.size()), captures);
  const auto literal = rest.substr(0, rest.find('{'));
  for (size_t end = 1; end <= line.size(); ++end) {
    if (literal.empty() ? rest.empty() && end != line.size() : line.substr(end, literal.size()) != literal) continue;
    Captures tried = captures;
    if (name != "*") tried[std::string(name)] = std::string(line.substr(0, end));
    if (!matches(rest, line.substr(end), tried)) continue;
    captures = std::move(tried);
    return true;
  }
  return false;
}

std::string difference(const std::vector<std::string>& pattern, std::string_view message, Captures& captures) {
  const auto lines = linesOf(message);
  for (size_t i = 0; i < std::max(lines.size(), pattern.size()); ++i) {
    if (i >= lines.size() && pattern[i].empty()) continue;  // the empty line that ends the headers has no text behind it
    if (i >= lines.size()) return "missing: " + pattern[i];
    if (i >= pattern.size() && lines[i].empty()) continue;
    if (i >= pattern.size()) return "not expected: " + std::string(lines[i]);
    if (!matches(pattern[i], lines[i], captures)) return "expected: " + pattern[i] + "\n      came: " + std::string(lines[i]);
  }
  return {};
}

std::optional<std::string> compose(const std::vector<std::string>& lines, const Captures& captures, std::string& missing) {
  std::string head, body;
  bool inBody = false;
  for (const auto& line : lines) {
    if (!inBody && line.empty()) {
      inBody = true;
      continue;
    }
    (inBody ? body : head) += line + "\r\n";
  }
  Captures known = captures;
  auto filledBody = fill(body, known, missing);
  if (!filledBody) return {};
  known["length"] = std::to_string(filledBody->size());
  auto filledHead = fill(head, known, missing);
  if (!filledHead) return {};
  return *filledHead + "\r\n" + *filledBody;
}

}  // namespace Patchbay::Testsuite
