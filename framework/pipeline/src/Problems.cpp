#include "patchbay/pipeline/Problems.h"

#include <algorithm>
#include <cctype>
#include <numeric>

namespace Patchbay::Pipeline {

std::string Problem::toString() const {
  const std::string where = location.file && location.line == 0 ? *location.file : location.toString();  // a file as a whole
  return where + (severity == Severity::error ? ": error: " : ": warning: ") + text;
}

namespace {

/// By file, in the order in which the files were read, and line: what one looks through with an editor.
std::vector<const Problem*> sorted(const std::vector<Problem>& problems) {
  std::vector<std::string> files;
  std::vector<std::pair<std::pair<size_t, int>, const Problem*>> keyed;
  for (const Problem& problem : problems) {
    const std::string file = problem.location.file ? *problem.location.file : std::string();
    const auto known = std::find(files.begin(), files.end(), file);
    const size_t place = static_cast<size_t>(known - files.begin());
    if (known == files.end()) files.push_back(file);
    keyed.push_back({{place, problem.location.line}, &problem});
  }
  std::stable_sort(keyed.begin(), keyed.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<const Problem*> all;
  for (const auto& [key, problem] : keyed) all.push_back(problem);
  return all;
}

}  // namespace

std::string Problems::toString() const {
  std::string all;
  for (const Problem* problem : sorted(_problems)) all += problem->toString() + "\n";
  return all;
}

void Problems::add(Problem::Severity severity, const Location& location, std::string text) {
  if (severity == Problem::Severity::error) ++_errors;
  _problems.push_back({severity, location, std::move(text)});
}

namespace {

char folded(char c) {
  return c == '-' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

/// Edits (insert, remove, replace) between two names, case and hyphens aside.
size_t distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (folded(a[i - 1]) == folded(b[j - 1]) ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

std::string enumeration(const std::vector<std::string>& names) {
  constexpr size_t Most = 12;
  std::string text;
  for (size_t i = 0; i < std::min(names.size(), Most); ++i) text += (i ? ", " : "") + names[i];
  return names.size() > Most ? text + ", ..." : text;
}

}  // namespace

std::string suggestion(std::string_view given, const std::vector<std::string>& names) {
  constexpr size_t LongestGiven = 64;
  const std::string* best = nullptr;
  size_t least = given.size() <= 4 ? 1 : given.size() <= 8 ? 2 : 3;
  if (given.size() <= LongestGiven) {
    for (const std::string& name : names) {
      const size_t edits = distance(given, name);
      if (edits > least || (best && edits == least)) continue;
      best = &name;
      least = edits;
    }
  }
  if (best) return " (did you mean '" + *best + "'?)";
  return names.empty() ? std::string() : "; allowed: " + enumeration(names);
}

}  // namespace Patchbay::Pipeline
