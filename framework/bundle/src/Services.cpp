#include "patchbay/bundle/Services.h"

#include <cxxabi.h>

#include <cstdlib>
#include <memory>

namespace Patchbay::Bundle {

namespace {

std::string readable(const char* type) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> name(abi::__cxa_demangle(type, nullptr, nullptr, &status), &std::free);
  return status == 0 ? name.get() : type;
}

}  // namespace

void Services::add(const char* type, void* service) {
  const auto [position, isNew] = _services.try_emplace(type, Entry{service, false});
  if (!isNew && !position->second.fixed) throw Poco::ExistsException("two bundles provide the service " + readable(type));
}

void Services::replace(const char* type, void* service) {
  _services[type] = Entry{service, true};
}

void* Services::get(const char* type, bool required) const {
  const auto position = _services.find(std::string_view(type));
  if (position != _services.end()) return position->second.service;
  if (required)
    throw Poco::NotFoundException("no bundle provides the service " + readable(type) + " (bundle.xml should require the one that does)");
  return nullptr;
}

}  // namespace Patchbay::Bundle
