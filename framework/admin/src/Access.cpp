#include "patchbay/admin/Access.h"

#include <Poco/DigestEngine.h>
#include <Poco/JSON/Array.h>
#include <Poco/JSON/Parser.h>
#include <Poco/RandomStream.h>
#include <Poco/SHA2Engine.h>

#include "PrivateFile.h"

namespace Patchbay::Admin {

namespace {

using Seconds = std::chrono::seconds;

std::string hex(const unsigned char* octets, size_t count) {
  return Poco::DigestEngine::digestToHex(Poco::DigestEngine::Digest(octets, octets + count));
}

std::string hashOf(std::string_view secret) {
  Poco::SHA2Engine engine(Poco::SHA2Engine::SHA_256);
  engine.update(secret.data(), secret.size());
  return Poco::DigestEngine::digestToHex(engine.digest());
}

std::string makeSecret() {
  char octets[32];
  Poco::RandomBuf().readFromDevice(octets, sizeof octets);
  return "pb_" + hex(reinterpret_cast<const unsigned char*>(octets), sizeof octets);
}

bool equal(const std::string& a, const std::string& b) {
  if (a.size() != b.size()) return false;
  unsigned char difference = 0;
  for (size_t i = 0; i < a.size(); ++i) difference |= static_cast<unsigned char>(a[i] ^ b[i]);
  return difference == 0;
}

int64_t secondsOf(Runtime::WallTime time) {
  return std::chrono::duration_cast<Seconds>(time.time_since_epoch()).count();
}

Runtime::WallTime timeOf(int64_t seconds) {
  return Runtime::WallTime(Seconds(seconds));
}

}  // namespace

Access::Entry Access::read(const Poco::JSON::Object& object) {
  Entry entry;
  entry.token.name = object.getValue<std::string>("name");
  entry.token.role = roleOf(object.getValue<std::string>("role")).value_or(Role::read);
  entry.token.made = timeOf(object.getValue<int64_t>("made"));
  if (object.has("expires")) entry.token.expires = timeOf(object.getValue<int64_t>("expires"));
  entry.hash = object.getValue<std::string>("sha256");
  return entry;
}

Poco::JSON::Object Access::written(const Entry& entry) {
  Poco::JSON::Object object(Poco::JSON_PRESERVE_KEY_ORDER);
  object.set("name", entry.token.name);
  object.set("role", nameOf(entry.token.role));
  object.set("made", secondsOf(entry.token.made));
  if (entry.token.expires) object.set("expires", secondsOf(*entry.token.expires));
  object.set("sha256", entry.hash);
  return object;
}

void Access::load() {
  const std::string text = readPrivateFile(file());
  if (text.empty()) return;
  try {
    const auto list = Poco::JSON::Parser().parse(text).extract<Poco::JSON::Array::Ptr>();
    _entries.with([&](Entries& entries) {
      for (size_t i = 0; i < list->size(); ++i) {
        Entry entry = read(*list->getObject(static_cast<unsigned>(i)));
        entries[entry.token.name] = std::move(entry);
      }
    });
  } catch (const Poco::Exception& error) {
    throw Poco::FileException(file() + " is damaged (" + error.displayText() + "); without it a new token is made at the next start");
  }
}

void Access::save(const Entries& entries) const {
  Poco::JSON::Array list;
  for (const auto& [name, entry] : entries) list.add(written(entry));
  std::ostringstream text;
  list.stringify(text, 1);
  writePrivateFile(file(), text.str() + "\n");
}

bool Access::open() {
  load();
  if (_entries.with([](const Entries& entries) { return !entries.empty(); })) return false;
  writePrivateFile(adminTokenFile(), add("admin", Role::administer, {}) + "\n");
  return true;
}

std::optional<Access::Token> Access::find(std::string_view secret) const {
  const std::string hash = hashOf(secret);
  return _entries.with([&](const Entries& entries) {
    std::optional<Token> found;
    for (const auto& [name, entry] : entries)
      if (equal(entry.hash, hash) && !expired(entry.token)) found = entry.token;
    return found;
  });
}

std::vector<Access::Token> Access::all() const {
  return _entries.with([](const Entries& entries) {
    std::vector<Token> all;
    for (const auto& [name, entry] : entries) all.push_back(entry.token);
    return all;
  });
}

std::string Access::add(const std::string& name, Role role, std::optional<Runtime::Duration> valid) {
  std::string secret = makeSecret();
  const auto now = std::chrono::time_point_cast<Runtime::WallTime::duration>(_clock.wall());
  Entry entry{{name, role, now, {}}, hashOf(secret)};
  if (valid) entry.token.expires = now + std::chrono::duration_cast<Runtime::WallTime::duration>(*valid);
  _entries.with([&](Entries& entries) {
    Entries next = entries;
    if (!next.emplace(name, entry).second)
      throw Poco::ExistsException("there is a token '" + name + "'; remove it first: token rm " + name);
    save(next);
    entries = std::move(next);
  });
  return secret;
}

void Access::remove(const std::string& name) {
  _entries.with([&](Entries& entries) {
    Entries next = entries;
    if (next.erase(name) == 0) throw Poco::NotFoundException("there is no token '" + name + "'");
    bool administered = false;
    for (const auto& [other, entry] : next) administered |= entry.token.role == Role::administer && !entry.token.expires;
    if (!administered)
      throw Poco::InvalidArgumentException("'" + name + "' is the last lasting token of an administrator; add another one first");
    save(next);
    entries = std::move(next);
  });
}

}  // namespace Patchbay::Admin
