#include "Replies.h"

#include <unistd.h>

#include <algorithm>

#include "ViaStamp.h"

namespace Patchbay::Core {

using Parser::HeaderId;

namespace {

/// Of a URI in Warning 392.
constexpr size_t LongestShown = 512;

/// What would not fit, or would end the quoted string or the line, must not cost the sender his reply.
std::string_view shown(std::string_view uri) {
  const bool fits = uri.size() <= LongestShown && Parser::isHeaderSafe(uri) && uri.find_first_of("\"\\") == std::string_view::npos;
  return fits ? uri : std::string_view("?");
}

}  // namespace

void Replies::configure(const Settings& settings, const Runtime::SipHash::Key& key) {
  _settings = settings;
  _key = key;
  switch (settings.signature) {
    case Signature::off:
      _serverLine.clear();
      break;
    case Signature::name:
      _serverLine = "Server: Patchbay\r\n";
      break;
    case Signature::full:
      _serverLine = "Server: Patchbay (" + settings.version + " (x86_64/linux))\r\n";
      break;
  }
}

char* Replies::writeTag(Received& request, char* out) const {
  auto& message = request.message;
  const auto* via = message.topVia();
  const auto* from = message.from();
  Runtime::SipHash hash(_key);
  hash.part(message.callId()).part(from ? from->tag : std::string_view()).part(via ? via->branch : std::string_view());
  Parser::Writer writer(out, 16);
  writer.hex(hash.finish64());
  return out + 16;
}

size_t Replies::room(const Received& request, const Reply& reply) const {
  return request.message.headersEnd() + 2 * LongestShown + ViaStamp::Growth + 1024 + reply.reason.size() + reply.lines.size() +
         reply.body.size() + reply.contentType.size() + _serverLine.size();
}

void Replies::write(Received& request, uint64_t incident, std::string_view currentUri, const Reply& reply, Parser::Writer& out) const {
  out.raw("SIP/2.0 ").number(static_cast<uint64_t>(reply.code)).raw(" ");
  out.text(reply.reason.empty() ? reasonOf(reply.code) : reply.reason).raw("\r\n");
  writeHeaders(request, reply, out);
  out.raw(reply.lines).raw(_serverLine);
  writeWarning(request, incident, currentUri, reply, out);
  if (!reply.contentType.empty()) out.header("Content-Type", reply.contentType);
  out.raw("Content-Length: ").number(reply.body.size()).raw("\r\n\r\n").raw(reply.body);
}

namespace {

/// Record-Route comes back in what may make a dialog (RFC 3261, 12.1.1), not in a 100.
bool copiesRecordRoute(Parser::Message& message, int code) {
  if (code <= 100 || code >= 300) return false;
  const auto method = message.method();
  return method == Parser::Method::invite || method == Parser::Method::subscribe || method == Parser::Method::refer;
}

/// Control characters stand in a sound header only where the grammar allows them (escaped, in quotes); a refused message may have them
/// anywhere, and they are not repeated.
bool mayRepeat(const Parser::Message& message, const Parser::Header& header) {
  if (!message.fault()) return true;
  const auto isHostile = [](char octet) {
    const auto c = static_cast<unsigned char>(octet);
    return (c < 0x20 && c != '\t' && c != '\r' && c != '\n') || c == 0x7f;  // a header line has CR and LF in folds and at its end only
  };
  return std::ranges::none_of(message.text(header.line), isHostile);
}

bool isTimestamp(const Parser::Message& message, const Parser::Header& header) {
  return header.name.length == 9 && Parser::equalIgnoringCase(message.text(header.name), "Timestamp");
}

}  // namespace

void Replies::writeHeaders(Received& request, const Reply& reply, Parser::Writer& out) const {
  auto& message = request.message;
  const bool recordRoute = message.has(HeaderId::recordRoute) && copiesRecordRoute(message, reply.code);
  bool stamped = false;
  for (const auto& header : message.headers()) {
    if (!mayRepeat(message, header)) {
      if (header.id == HeaderId::via) out.fail();  // nobody to tell
      continue;
    }
    switch (header.id) {
      case HeaderId::via:
        if (!stamped)
          ViaStamp(request).write(message, header.line, out);
        else
          out.raw(message.text(header.line));
        stamped = true;
        break;
      case HeaderId::to:
        if (&header == message.first(header.id)) writeTo(request, header, reply, out);
        break;
      case HeaderId::from:
      case HeaderId::callId:
      case HeaderId::cseq:  // a malformed request may have two
        if (&header == message.first(header.id)) out.raw(message.text(header.line));
        break;
      case HeaderId::recordRoute:
        if (recordRoute) out.raw(message.text(header.line));
        break;
      case HeaderId::other:
        if (reply.code == 100 && isTimestamp(message, header)) out.raw(message.text(header.line));
        break;
      default:
        break;
    }
  }
}

void Replies::writeTo(Received& request, const Parser::Header& header, const Reply& reply, Parser::Writer& out) const {
  auto& message = request.message;
  const auto* to = message.to();
  if (!to || !to->tag.empty() || reply.code == 100) {
    out.raw(message.text(header.line));
    return;
  }
  out.raw("To: ").raw(message.text(header.value)).raw(";tag=");
  char tag[16];
  if (reply.toTag.empty())
    out.raw({tag, static_cast<size_t>(writeTag(request, tag) - tag)});
  else
    out.text(reply.toTag);
  out.raw("\r\n");
}

void Replies::writeWarning(Received& request, uint64_t incident, std::string_view currentUri, const Reply& reply,
                           Parser::Writer& out) const {
  if (!request.flow.listener) return;
  if (_settings.warning) {
    size_t vias = 0;
    for (const auto* header = request.message.first(HeaderId::via); header; header = request.message.next(*header)) {
      Parser::ListValues values(request.message.text(header->value));
      while (values.next()) ++vias;
    }
    char address[48];
    out.raw("Warning: 392 ")
        .raw(request.flow.listener->hostPort)
        .raw(" \"Noisy feedback tells: pid=")
        .number(static_cast<uint64_t>(::getpid()));
    out.raw(" req_src_ip=").raw({address, static_cast<size_t>(request.flow.peer.address.write(address, false) - address)});
    out.raw(" req_src_port=").number(request.flow.peer.port).raw(" in_uri=").text(shown(request.message.requestUriText()));
    out.raw(" out_uri=").text(shown(currentUri)).raw(" via_cnt==").number(vias).raw("\"\r\n");
  }
  if (reply.code >= 400 && incident != 0)
    out.raw("Warning: 399 ").raw(request.flow.listener->hostPort).raw(" \"Incident ").hex(incident).raw("\"\r\n");
}

}  // namespace Patchbay::Core
