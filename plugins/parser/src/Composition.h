#pragma once

#include <array>
#include <span>

#include "patchbay/parser/Edits.h"

namespace Patchbay::Parser {

/// Merges what a Rebuild asks for with the edits of the request and of the leg, in the order of the message's octets.
///
/// Where two of them overlap, ours wins over the leg's and the leg's over the request's: the loser's text is left out. What one of them
/// merely removes stays removed.
class Composition {
 public:
  explicit Composition(const Rebuild& rebuild);
  void write(Writer& out);

 private:
  using Splice = Edits::Splice;
  struct Piece {
    uint32_t begin, end;
    std::string_view text;
  };
  struct Source {
    const Edits* edits = nullptr;
    std::span<const Splice> splices;
    size_t next = 0;
  };
  enum Rank : size_t { Ours, Request, Leg };

  void addOurs(uint32_t begin, uint32_t end, std::string_view text);
  void addContentLength();
  bool bodyIsEdited() const;
  size_t bodySize();
  bool removesLine(const Header& header) const;
  bool next(Piece& piece);
  Rank nearest() const;
  bool loses(Rank rank, const Splice& splice) const;
  bool breaks(const Piece& piece) const;

  const Rebuild& _rebuild;
  const Message& _message;
  std::array<Source, 3> _sources;
  std::array<Splice, 3> _ours;  // text: index into _texts
  std::array<std::string_view, 3> _texts;
  size_t _oursCount = 0;
  char _contentLength[40];
};

}  // namespace Patchbay::Parser
