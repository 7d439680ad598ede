#include "HopRequest.h"

#include "patchbay/parser/Writer.h"

namespace Patchbay::Tm {
namespace {

using Parser::HeaderId;

/// What we sent had passed the limits before our own headers were added: it must not fail by them now.
constexpr Parser::Limits None = Parser::Limits::none();

/// Everything in these two requests comes from the INVITE: one Via (ours stands alone on the first line), Route, From, Call-ID, the CSeq
/// number.
void write(Parser::Message& invite, std::string_view method, std::string_view to, Octets& out) {
  const Parser::Header* via = invite.first(HeaderId::via);
  const Parser::CSeq* cseq = invite.cseq();
  if (!via || !cseq) return out.clear();
  char* room = out.room(invite.headersEnd() + to.size() + 128);
  Parser::Writer writer(room, out.view().size());
  writer.raw(method).raw(" ").raw(invite.requestUriText()).raw(" SIP/2.0\r\n").raw(invite.text(via->line));
  for (const Parser::Header& header : invite.headers())
    if (header.id == HeaderId::route || header.id == HeaderId::from || header.id == HeaderId::callId) writer.raw(invite.text(header.line));
  writer.raw("To: ").raw(to).raw("\r\nCSeq: ").number(cseq->number).raw(" ").raw(method);
  writer.raw("\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n");
  Octets exact;
  if (writer.ok()) exact.assign(writer.written());
  out = std::move(exact);
}

}  // namespace

void writeHopAck(Parser::Message& scratch, std::string_view invite, Parser::Message& reply, Octets& out) {
  out.clear();
  if (scratch.parse(invite, None) || !reply.has(HeaderId::to)) return;
  write(scratch, "ACK", reply.value(HeaderId::to), out);
}

void writeHopCancel(Parser::Message& scratch, std::string_view invite, Octets& out) {
  out.clear();
  if (scratch.parse(invite, None)) return;
  write(scratch, "CANCEL", scratch.value(HeaderId::to), out);
}

}  // namespace Patchbay::Tm
