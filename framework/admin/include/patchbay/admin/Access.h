#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/admin/Operation.h"
#include "patchbay/runtime/Clock.h"
#include "patchbay/runtime/Guarded.h"

namespace Patchbay::Admin {

/// Who may use the endpoint: bearers of tokens, random numbers of 256 bits of which only hashes (SHA-256) are kept, in the file `tokens` of
/// the data folder (mode 0600). Thread-safe.
class PATCHBAY_API Access {
 public:
  struct Token {
    std::string name;
    Role role;
    Runtime::WallTime made;
    std::optional<Runtime::WallTime> expires;
  };

  Access(std::string folder, const Runtime::Clock& clock) : _folder(std::move(folder)), _clock(clock) {}
  /// Reads the tokens. When there are none yet, makes one for administration and leaves it in the file `admin.token` (mode 0600), for
  /// patchctl on the same machine; true then. Throws Poco::FileException.
  bool open();
  /// Whose token it is. Takes as long for a wrong one as for a right one.
  std::optional<Token> find(std::string_view secret) const;
  std::vector<Token> all() const;
  /// The new token, which nobody can be told again. Throws Poco::ExistsException for a name that there is, Poco::FileException.
  std::string add(const std::string& name, Role role, std::optional<Runtime::Duration> valid);
  /// Throws Poco::NotFoundException, and Poco::InvalidArgumentException for the last token of an administrator.
  void remove(const std::string& name);
  std::string adminTokenFile() const { return _folder + "/admin.token"; }

 private:
  struct Entry {
    Token token;
    std::string hash;  ///< 64 hexadecimal digits
  };
  using Entries = std::map<std::string, Entry>;
  static Entry read(const Poco::JSON::Object& object);
  static Poco::JSON::Object written(const Entry& entry);
  void load();
  void save(const Entries& entries) const;
  std::string file() const { return _folder + "/tokens"; }
  bool expired(const Token& token) const { return token.expires && *token.expires <= _clock.wall(); }

  const std::string _folder;
  const Runtime::Clock& _clock;
  Runtime::Guarded<Entries> _entries;
};

/// token.list, token.add, token.rm
PATCHBAY_API std::vector<Operation> tokenOperations(Access& access);

}  // namespace Patchbay::Admin
