#include "Composition.h"

#include <algorithm>

#include "Scan.h"

namespace Patchbay::Parser {

namespace {

constexpr size_t ContentLengthRoom = 40;

bool overlap(const auto& a, const auto& b) {
  return !(a.begin == a.end && b.begin == b.end) && a.begin < b.end && b.begin < a.end;
}

}  // namespace

Composition::Composition(const Rebuild& rebuild) : _rebuild(rebuild), _message(rebuild.message) {
  const auto take = [](Source& source, const Edits* edits) {
    if (edits) source = {edits, edits->_splices, 0};
  };
  take(_sources[Request], rebuild.edits);
  take(_sources[Leg], rebuild.legEdits);
  const Slice uri = _message.requestUriSlice();
  if (!rebuild.requestUri.empty() && _message.isRequest()) addOurs(uri.begin, uri.end(), rebuild.requestUri);
  if (!rebuild.topLines.empty()) addOurs(_message.headersBegin(), _message.headersBegin(), rebuild.topLines);
  addContentLength();
  _sources[Ours].splices = {_ours.data(), _oursCount};
}

void Composition::addOurs(uint32_t begin, uint32_t end, std::string_view text) {
  _ours[_oursCount] = {begin, end, static_cast<uint32_t>(_oursCount), static_cast<uint32_t>(text.size())};
  _texts[_oursCount++] = text;
}

void Composition::addContentLength() {
  const bool edited = bodyIsEdited();
  if (!edited && !_rebuild.contentLength) return;
  const Header* header = _message.first(HeaderId::contentLength);
  if (!edited && header && !removesLine(*header)) return;
  Writer line(_contentLength, sizeof _contentLength);
  line.raw("Content-Length: ").number(edited ? bodySize() : _message.body().size()).raw("\r\n");
  const Slice place = header ? header->line : Slice{_message.headersEnd(), 0};
  addOurs(place.begin, place.end(), line.written());
}

bool Composition::bodyIsEdited() const {
  const auto reaches = [this](const Source& source) {
    return !source.splices.empty() && source.splices.back().begin >= _message.bodyBegin();
  };
  return reaches(_sources[Request]) || reaches(_sources[Leg]);
}

/// How many octets of body the edits leave. Ours are never there.
size_t Composition::bodySize() {
  const uint32_t end = static_cast<uint32_t>(_message.octets().size());
  uint32_t at = _message.bodyBegin();
  size_t size = 0;
  Piece piece;
  while (next(piece)) {
    if (piece.begin < _message.bodyBegin()) continue;
    size += piece.text.size() + (piece.begin > at ? piece.begin - at : 0);
    at = std::max(at, piece.end);
  }
  for (Source& source : _sources) source.next = 0;
  return size + (end - at);
}

bool Composition::removesLine(const Header& header) const {
  const Splice line{header.line.begin, header.line.end(), 0, 0};
  const auto hits = [&line](const Splice& splice) { return overlap(splice, line); };
  return std::any_of(_sources[Request].splices.begin(), _sources[Request].splices.end(), hits) ||
         std::any_of(_sources[Leg].splices.begin(), _sources[Leg].splices.end(), hits);
}

/// Where the next splice comes from; the one with none left when all are done.
Composition::Rank Composition::nearest() const {
  size_t best = Ours;
  uint32_t begin = UINT32_MAX;
  for (size_t rank = Ours; rank <= Leg; ++rank) {
    const Source& source = _sources[rank];
    if (source.next == source.splices.size() || source.splices[source.next].begin >= begin) continue;
    best = rank;
    begin = source.splices[source.next].begin;
  }
  return static_cast<Rank>(best);
}

bool Composition::loses(Rank rank, const Splice& splice) const {
  if (rank == Ours || !splice.length) return false;
  const auto hits = [&splice](const Splice& other) { return overlap(splice, other) && other.begin != other.end; };
  const auto any = [&hits](const Source& source) { return std::any_of(source.splices.begin(), source.splices.end(), hits); };
  return any(_sources[Ours]) || (rank == Request && any(_sources[Leg]));
}

bool Composition::next(Piece& piece) {
  for (;;) {
    const Rank rank = nearest();
    Source& source = _sources[rank];
    if (source.next == source.splices.size()) return false;
    const Splice& splice = source.splices[source.next++];
    if (loses(rank, splice)) continue;
    piece = {splice.begin, splice.end, source.edits ? source.edits->textOf(splice) : _texts[splice.text]};
    return true;
  }
}

/// An edit may not touch the empty line, nor lie outside.
bool Composition::breaks(const Piece& piece) const {
  const bool inHeaders = piece.end <= _message.headersEnd();
  const bool inBody = piece.begin >= _message.bodyBegin() && piece.end <= _message.octets().size();
  return !inHeaders && !inBody;
}

void Composition::write(Writer& out) {
  const std::string_view octets = _message.octets();
  uint32_t at = _message._startLine;
  Piece piece;
  while (next(piece)) {
    if (breaks(piece)) return out.fail();
    if (piece.begin > at) out.raw(octets.substr(at, piece.begin - at));
    out.raw(piece.text);
    at = std::max(at, piece.end);
  }
  out.raw(octets.substr(at));
}

size_t Rebuild::room() const {
  const auto growth = [](const Edits* list) { return list ? list->growth() : 0; };
  return message.octets().size() + requestUri.size() + topLines.size() + growth(edits) + growth(legEdits) + ContentLengthRoom;
}

void Rebuild::write(Writer& out) const {
  const char* const end = requestUri.data() + requestUri.size();
  if (!isHeaderSafe(requestUri) || Scan::findAny<' ', '\t'>(requestUri.data(), end) != end) return out.fail();
  Composition(*this).write(out);
}

}  // namespace Patchbay::Parser
