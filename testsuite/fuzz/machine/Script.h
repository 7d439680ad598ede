#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "Input.h"
#include "Oracle.h"
#include "World.h"

namespace Patchbay::Fuzz {

/// Plays an input as a program on the virtual world: two callers, four phones, names that are slow, silent or not there, and time. One
/// octet says what is done, those behind it how; see testsuite/fuzz/README.md.
class Script {
 public:
  explicit Script(Testsuite::World& world) : _world(world), _began(world.time()) {}
  void play(std::string_view program);
  /// All that was sent, with times since the beginning.
  const std::string& trace() const { return _trace; }

 private:
  struct Call {
    unsigned generation = 0;
    std::string uri, toTag;
    std::map<std::string, std::string> requests;  ///< by method, as they were sent
    Runtime::Endpoint from;
  };
  struct Injection {
    Runtime::Endpoint from;
    std::string octets;
    bool clean;
  };
  struct Bend {
    enum class Kind : uint8_t { none, replace, cut, insert, erase } kind = Kind::none;
    size_t at = 0;
    char value = 0;
    std::string text;
  };

  void step(Reader& program);
  void request(Reader& program);
  std::string compose(Call& call, size_t number, const std::string& method, uint8_t flags);
  void reply(Reader& program);
  void bendReply(std::string& octets, const std::string& branch, uint8_t flags) const;
  void repeat(Reader& program);
  void reflect(Reader& program);
  void raw(Reader& program);
  void bend(Reader& program);
  void pass(Runtime::Duration time);
  void passToNext();
  void inject(const Runtime::Endpoint& from, std::string octets, bool clean);
  bool apply(std::string& octets);
  void collect(bool injecting);
  void take(const Testsuite::World::Sent& sent);
  void settle();

  Testsuite::World& _world;
  const Runtime::Duration _began;
  Oracle _oracle;
  Bend _bend;
  size_t _marks = 0;
  std::array<Call, 4> _calls;
  std::vector<Injection> _injections;
  std::vector<Testsuite::World::Sent> _requests, _sent;
  std::string _trace;
};

}  // namespace Patchbay::Fuzz
