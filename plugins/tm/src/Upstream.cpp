#include "Upstream.h"

#include <algorithm>
#include <string>

#include "patchbay/parser/Edits.h"
#include "patchbay/parser/Writer.h"

namespace Patchbay::Tm {
namespace {

constexpr std::string_view ServerError = "SIP/2.0 500 Server Internal Error";

}  // namespace

Upstream::Upstream(Core::Request& reply) {
  const std::string_view octets = reply.message.octets();
  const Parser::Slice cut = reply.message.topViaCut();
  const int code = reply.message.status();
  if (reply.edits.empty()) {
    _head = octets.substr(0, cut.begin);
    _rest = octets.substr(cut.end());
    exchangeLine(code);
    return;
  }
  _edited = &reply;
  if (!reply.edits.removes(cut)) reply.edits.remove(cut);
  if (code == 503) reply.edits.replace({0, static_cast<uint32_t>(octets.find("\r\n"))}, ServerError);
}

Upstream::Upstream(int code, std::string_view kept) : _head(kept) {
  exchangeLine(code);
}

void Upstream::exchangeLine(int code) {
  if (code != 503) return;
  _line = ServerError;
  _head.remove_prefix(std::min(_head.find("\r\n"), _head.size()));
}

size_t Upstream::room() const {
  return _edited ? Parser::Rebuild{_edited->message, {}, {}, &_edited->edits}.room() : _line.size() + _head.size() + _rest.size();
}

size_t Upstream::write(char* out) {
  if (_edited) {
    Parser::Writer writer(out, room());
    Parser::Rebuild{_edited->message, {}, {}, &_edited->edits}.write(writer);
    return writer.ok() ? writer.size() : 0;
  }
  const char* const begin = out;
  for (std::string_view part : {_line, _head, _rest}) {
    if (!part.empty()) std::memcpy(out, part.data(), part.size());
    out += part.size();
  }
  return static_cast<size_t>(out - begin);
}

void Upstream::keep(Octets& out) {
  if (!_edited) {
    write(out.room(room()));
    return;
  }
  std::string text(room(), '\0');
  text.resize(write(text.data()));
  out.assign(text);
}

}  // namespace Patchbay::Tm
