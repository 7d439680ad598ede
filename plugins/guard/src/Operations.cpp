#include <Poco/Exception.h>
#include <Poco/JSON/Array.h>

#include "GuardPlugin.h"

namespace Patchbay::Guard {

using Admin::Answer;
using Admin::Arguments;
using Admin::Role;
using Pipeline::Type;

namespace {

constexpr uint8_t Changes = Pipeline::reads | Pipeline::changesState;
const Pipeline::Parameter Source{
    .name = "source", .type = Type::address, .summary = "An IPv4 address, or an IPv6 one, which stands for its /64.", .required = true};

Runtime::IpAddress sourceIn(const Arguments& arguments) {
  const auto text = Admin::argument(arguments, "source").value_or("");
  const auto address = Runtime::IpAddress::parse(text);
  if (!address) throw Poco::InvalidArgumentException("'" + text + "' is no address");
  return sourceOf(*address);
}

}  // namespace

std::vector<Admin::Operation> GuardPlugin::operations() {
  return {
      {.name = "ban.list",
       .summary = "Who is banned, why, and for how long still.",
       .path = "/bans",
       .run = [this](const Arguments&) { return list(); },
       .columns = {"source", "reason", "seconds"}},
      {.name = "ban.add",
       .summary = "Bans a source that is no friend.",
       .method = "POST",
       .path = "/bans",
       .parameters = {Source, {.name = "time", .type = Type::duration, .summary = "For how long.", .fallback = "1h"}},
       .role = Role::operate,
       .audited = true,
       .effects = Changes,
       .run = [this](const Arguments& arguments) { return add(arguments); }},
      {.name = "ban.rm",
       .summary = "Ends a ban; what the source does from now on counts anew.",
       .method = "DELETE",
       .path = "/bans/{source}",
       .parameters = {Source},
       .role = Role::operate,
       .audited = true,
       .effects = Changes,
       .run = [this](const Arguments& arguments) { return remove(arguments); }},
  };
}

Answer GuardPlugin::list() {
  const auto now = _host->environment().clock.now();
  Poco::JSON::Array::Ptr bans = new Poco::JSON::Array;
  for (const auto& ban : _bans->all(now)) {
    Poco::JSON::Object::Ptr one = new Poco::JSON::Object;
    one->set("source", ban.source.toString());
    one->set("reason", std::string(nameOf(ban.reason)));
    one->set("seconds", static_cast<Poco::Int64>(std::chrono::ceil<std::chrono::seconds>(ban.until - now).count()));
    bans->add(one);
  }
  Poco::JSON::Object::Ptr body = new Poco::JSON::Object;
  body->set("bans", bans);
  return {200, body};
}

Answer GuardPlugin::add(const Arguments& arguments) {
  const auto source = sourceIn(arguments);
  if (_policy.hold()->isFriend(source))
    throw Poco::InvalidArgumentException(source.toString() + " is a friend (<guard friends=\"\"/>): it is never banned");
  const auto time = Pipeline::parseDuration(Admin::argument(arguments, "time").value_or("1h"));
  if (!time || time->count() <= 0) throw Poco::InvalidArgumentException("the time is no duration such as 10min, 1h, 7d");
  const auto now = _host->environment().clock.now();
  if (_bans->add({source, Reason::administrator, now + *time}, now)) _banned[static_cast<size_t>(Reason::administrator)]->add();
  return list();
}

Answer GuardPlugin::remove(const Arguments& arguments) {
  const auto source = sourceIn(arguments);
  if (!_bans->remove(source)) throw Poco::NotFoundException(source.toString() + " is not banned");
  return list();
}

}  // namespace Patchbay::Guard
