#pragma once

#include <map>
#include <string>
#include <string_view>
#include <typeinfo>

#include <Poco/Exception.h>

#include "patchbay/log/Api.h"

namespace Patchbay::Bundle {

/// Where plug-ins meet: interfaces by type, found once at load, never per message. Owns nothing: a plug-in provides itself (or a member) in
/// `configure`, and others find it in `bind`. What a test provides before loading stands in for the real thing.
class PATCHBAY_API Services {
 public:
  /// A second provider of one interface is refused with Poco::ExistsException, unless the first was provided by a test with `override_`.
  template <class Interface>
  void provide(Interface& service) {
    add(typeid(Interface).name(), const_cast<void*>(static_cast<const void*>(&service)));
  }
  template <class Interface>
  void override_(Interface& service) {
    replace(typeid(Interface).name(), &service);
  }
  /// Throws Poco::NotFoundException: a plug-in that does this lacks a `requires` in its bundle.xml.
  template <class Interface>
  Interface& find() const {
    return *static_cast<Interface*>(get(typeid(Interface).name(), true));
  }
  template <class Interface>
  Interface* findOptional() const {
    return static_cast<Interface*>(get(typeid(Interface).name(), false));
  }

 private:
  struct Entry {
    void* service;
    bool fixed;
  };
  void add(const char* type, void* service);
  void replace(const char* type, void* service);
  void* get(const char* type, bool required) const;
  std::map<std::string, Entry, std::less<>> _services;
};

}  // namespace Patchbay::Bundle
