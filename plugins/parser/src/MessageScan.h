#pragma once

#include "patchbay/parser/Message.h"

namespace Patchbay::Parser {

/// The one pass: line ends, start line, header names, body length. Goes on after a fault where it can, so that a 400 finds its Via.
///
/// The line policy: only CR LF ends a line. A bare LF is a fault and taken as a line end, a bare CR is a fault; a header line that holds
/// either is not recorded, so no value of a message ever holds a CR or LF but those of a fold.
class MessageScan {
 public:
  MessageScan(Message& message, const Limits& limits);
  void run();

 private:
  struct Line {
    const char* begin;
    const char* end;  // without its line end
    const char* next;
    bool clean;  // no bare CR or LF
  };
  void fail(int status, const char* text);
  Slice slice(const char* begin, const char* end) const;
  /// False when the octets end before the line does.
  bool takeLine(Line& line);
  bool skipEmptyLines();
  void startLine(const Line& line);
  void requestLine(const Line& line);
  void requestVersion(std::string_view version);
  void statusLine(const Line& line);
  void headers();
  bool emptyLine();
  bool headerLine();
  void record(const Line& line);
  size_t most(size_t limit) const;
  void limit();
  bool withinLimits(const Line& line);
  bool isRepeated(HeaderId id) const;
  void body();
  void bodyLength(uint32_t available);

  Message& _message;
  const Limits& _limits;
  const char* const _begin;
  const char* const _end;
  const char* _at;
  const char* _sectionEnd = nullptr;
  size_t _mostLine = 0, _mostHeaders = 0;
  bool _repeatedOnly = false;
};

}  // namespace Patchbay::Parser
