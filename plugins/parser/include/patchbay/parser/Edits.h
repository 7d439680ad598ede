#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/parser/Message.h"
#include "patchbay/parser/Writer.h"

namespace Patchbay::Parser {

/// Changes to a message, as splices of its received octets; nothing happens until `Rebuild::write`. Reused without allocation once grown.
///
/// Splices at one place are written in the order they were made. A splice that overlaps an earlier one is refused (false), except that
/// removing what is already removed is fine.
class PATCHBAY_API Edits {
 public:
  void clear();
  bool empty() const { return _splices.empty(); }
  /// Text of the start line or of header lines: without control characters but tab, else false. For the body there is replaceInBody.
  bool replace(Slice where, std::string_view text);
  /// In the body anything goes; false when `where` is not wholly there.
  bool replaceInBody(const Message& message, Slice where, std::string_view text);
  bool remove(Slice where) { return replace(where, {}); }
  bool removeHeader(const Header& header) { return splice(header.line, {}); }
  /// Whether earlier removals took all of it away already.
  bool removes(Slice where) const { return covered({where.begin, where.end(), 0, 0}); }
  /// Behind the last header.
  bool appendHeader(const Message& message, std::string_view name, std::string_view value);
  /// Before the first header of `id`, or before all headers when there is none: Record-Route, Path, Route.
  bool insertHeader(const Message& message, HeaderId before, std::string_view name, std::string_view value);
  /// Whole lines that are ours and checked, each with its line end, at this offset of the message.
  bool insertLines(uint32_t at, std::string_view lines);
  /// Octets that `write` may need beyond the message's own.
  size_t growth() const { return _growth; }

 private:
  friend class Composition;
  struct Splice {
    uint32_t begin, end;
    uint32_t text, length;
  };
  std::string_view textOf(const Splice& splice) const { return {_texts.data() + splice.text, splice.length}; }
  bool covered(const Splice& wanted) const;
  bool absorb(Splice& wanted);
  bool insertLine(uint32_t at, std::string_view name, std::string_view value);
  bool place(Slice where, size_t length);
  bool splice(Slice where, std::string_view text);
  std::vector<Splice> _splices;  // sorted by begin, then by making
  std::string _texts;
  size_t _growth = 0;
};

/// Writes a message anew: start line, our own lines on top, everything else as it came but for the edits. Content-Length follows the body's
/// edits.
struct PATCHBAY_API Rebuild {
  const Message& message;
  std::string_view requestUri = {};  ///< empty: as received
  std::string_view topLines = {};    ///< Via (and what else goes on top), each with its line end
  const Edits* edits = nullptr;      ///< of the request
  const Edits* legEdits = nullptr;   ///< of one branch, over the same octets; where both touch one place the leg's wins
  bool contentLength = false;        ///< adds a Content-Length when there is none: a stream must have one (RFC 3261, 18.3)

  size_t room() const;
  /// Fails the writer when an edit would break the line between headers and body, or requestUri holds what a request line must not.
  void write(Writer& out) const;
};

}  // namespace Patchbay::Parser
