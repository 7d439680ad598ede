#include "HostsFile.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "Plan.h"

namespace Patchbay::Resolver {

namespace {

void addOnce(std::vector<Runtime::IpAddress>& addresses, const Runtime::IpAddress& address) {
  if (std::find(addresses.begin(), addresses.end(), address) == addresses.end()) addresses.push_back(address);
}

}  // namespace

HostsFile::HostsFile(const std::string& path) {
  if (!path.empty()) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    add(text.str());
  }
  if (!find("localhost")) add("127.0.0.1 localhost\n::1 localhost\n");  // RFC 6761, 6.3
}

void HostsFile::add(std::string_view text) {
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::string first;
    words >> first;
    const auto address = Runtime::IpAddress::parse(first);
    if (!address) continue;
    for (std::string name; words >> name;) {
      char key[MostKeyOctets];
      const size_t length = writeName(name, key);
      if (length) addOnce(_names[std::string(key, length)], *address);
    }
  }
}

const std::vector<Runtime::IpAddress>* HostsFile::find(std::string_view name) const {
  const auto found = _names.find(name);
  return found == _names.end() ? nullptr : &found->second;
}

}  // namespace Patchbay::Resolver
