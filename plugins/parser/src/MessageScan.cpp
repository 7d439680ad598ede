#include "MessageScan.h"

#include <algorithm>
#include <cstring>

#include "Cursor.h"
#include "Scan.h"

namespace Patchbay::Parser {

namespace {

constexpr int MostEmptyLines = 4;

bool isVersion(std::string_view text) {
  return text == "SIP/2.0" || equalIgnoringCase(text, "SIP/2.0");
}

/// A version of SIP, whichever.
bool looksLikeVersion(std::string_view text) {
  if (text.size() < 4 || !equalIgnoringCase(text.substr(0, 4), "SIP/")) return false;
  Cursor cursor(text.substr(4));
  return !cursor.run(Chars::Digit).empty() && cursor.take('.') && !cursor.run(Chars::Digit).empty() && cursor.done();
}

}  // namespace

MessageScan::MessageScan(Message& message, const Limits& limits)
    : _message(message), _limits(limits), _begin(message._base), _end(_begin + message._length), _at(_begin) {}

void MessageScan::fail(int status, const char* text) {
  if (!_message._fault) _message._fault = {status, text};
}

Slice MessageScan::slice(const char* begin, const char* end) const {
  return {static_cast<uint32_t>(begin - _begin), static_cast<uint32_t>(end - begin)};
}

void MessageScan::run() {
  Line line;
  if (!skipEmptyLines()) return;
  _message._startLine = static_cast<uint32_t>(_at - _begin);
  const bool whole = takeLine(line);
  if (!whole) fail(400, "start line does not end");
  startLine(line);
  _message._headersBegin = static_cast<uint32_t>(_at - _begin);
  limit();
  headers();
  body();
  if (_message._length > most(_limits.message)) fail(513, "message too large");
}

bool MessageScan::takeLine(Line& line) {
  line = {_at, _end, _end, true};
  const char* at = _at;
  while ((at = Scan::findAny<'\r', '\n'>(at, _end)) != _end) {
    if (*at == '\r' && _end - at > 1 && at[1] == '\n') {
      line.end = at;
      _at = line.next = at + 2;
      return true;
    }
    if (*at == '\n') {
      fail(400, "bare LF");
      line.end = at;
      _at = line.next = at + 1;
      return true;
    }
    if (_end - at > 1) fail(400, "bare CR");
    line.clean = false;
    ++at;
  }
  _at = _end;
  return false;
}

bool MessageScan::skipEmptyLines() {
  for (int i = 0; i < MostEmptyLines && _end - _at >= 2 && _at[0] == '\r' && _at[1] == '\n'; ++i) _at += 2;
  if (_at == _end) {
    fail(400, "no message");
  } else if (*_at == '\r' || *_at == '\n') {
    fail(400, "empty lines instead of a start line");
    return false;
  }
  return _at != _end;
}

void MessageScan::startLine(const Line& line) {
  if (line.end - line.begin >= 4 && equalIgnoringCase({line.begin, 4}, "SIP/")) {
    statusLine(line);
  } else {
    requestLine(line);
    if (static_cast<size_t>(line.end - line.begin) > _limits.startLine) fail(414, "request line too long");
  }
}

void MessageScan::requestLine(const Line& line) {
  _message._isRequest = true;
  Cursor cursor({line.begin, static_cast<size_t>(line.end - line.begin)});
  const std::string_view method = cursor.run(Chars::Token);
  if (method.empty() || !cursor.take(' ')) return fail(400, "no method");
  if (method.size() > _limits.method) return fail(400, "method too long");
  _message._method = slice(method.data(), method.data() + method.size());
  _message._methodId = methodOf(method);
  const std::string_view rest = cursor.rest();
  const size_t blank = rest.find(' ');
  if (blank == std::string_view::npos || !blank) return fail(400, "no Request-URI or no version in the request line");
  _message._requestUri = slice(rest.data(), rest.data() + blank);
  requestVersion(rest.substr(blank + 1));
}

void MessageScan::requestVersion(std::string_view version) {
  if (isVersion(version)) return;
  if (looksLikeVersion(version)) return fail(505, "SIP version not supported");
  fail(400, "malformed request line");
}

void MessageScan::statusLine(const Line& line) {
  const std::string_view text(line.begin, static_cast<size_t>(line.end - line.begin));
  const size_t blank = text.find(' ');
  const std::string_view version = text.substr(0, blank);
  if (!isVersion(version)) return fail(looksLikeVersion(version) ? 505 : 400, "version of a reply");
  Cursor cursor(blank == std::string_view::npos ? std::string_view{} : text.substr(blank + 1));
  const std::string_view digits = cursor.run(Chars::Digit);
  const auto status = parseNumber(digits, 699);
  if (digits.size() != 3 || !status || *status < 100) return fail(400, "status of a reply");
  _message._status = static_cast<int>(*status);
  if (cursor.done()) return;
  if (!cursor.take(' ') || Scan::hasControl(cursor.at, cursor.end)) return fail(400, "reason phrase of a reply");
  _message._reason = slice(cursor.at, cursor.end);
}

void MessageScan::headers() {
  while (_at != _end && !emptyLine()) {
    if (!headerLine()) break;
  }
  if (_message._bodyBegin) return;
  fail(400, "no empty line behind the headers");
  _message._headersEnd = _message._bodyBegin = static_cast<uint32_t>(_end - _begin);
}

bool MessageScan::emptyLine() {
  const bool crlf = *_at == '\r' && _end - _at > 1 && _at[1] == '\n';
  if (!crlf && *_at != '\n') return false;
  if (!crlf) fail(400, "bare LF");
  _message._headersEnd = static_cast<uint32_t>(_at - _begin);
  _message._bodyBegin = _message._headersEnd + (crlf ? 2 : 1);
  return true;
}

bool MessageScan::headerLine() {
  Line line;
  if (!takeLine(line)) return false;
  while (_at != _end && (*_at == ' ' || *_at == '\t')) {
    Line folded;
    if (!takeLine(folded)) return false;
    line.clean = line.clean && folded.clean && *line.end == '\r';
    line.end = folded.end;
    line.next = folded.next;
  }
  if (line.clean && withinLimits(line)) record(line);
  return true;
}

/// A reply repeats headers of a request that was within the limits, with what we added to them, and has its own: twice as much.
size_t MessageScan::most(size_t limit) const {
  return _message._isRequest || limit > SIZE_MAX / 2 ? limit : 2 * limit;
}

void MessageScan::limit() {
  _mostLine = most(_limits.headerLine);
  _mostHeaders = most(_limits.headers);
  const size_t left = static_cast<size_t>(_end - _at);
  _sectionEnd = _at + std::min(left, most(_limits.headerSection));
}

/// False: this header is not recorded. Beyond the limits only the first of each that a reply repeats still is, so that one can be sent.
bool MessageScan::withinLimits(const Line& line) {
  if (static_cast<size_t>(line.next - line.begin) > _mostLine) return fail(513, "header too large"), false;
  if (line.next <= _sectionEnd && _message._headerCount < _mostHeaders) return true;
  fail(513, line.next > _sectionEnd ? "headers too large" : "too many headers");
  _repeatedOnly = true;
  return true;
}

bool MessageScan::isRepeated(HeaderId id) const {
  const bool repeated = id == HeaderId::via || id == HeaderId::from || id == HeaderId::to || id == HeaderId::callId || id == HeaderId::cseq;
  return repeated && !_message.has(id);
}

void MessageScan::record(const Line& line) {
  const char* const colon = Scan::findAny<':'>(line.begin, line.end);
  const char* nameEnd = colon;
  while (nameEnd != line.begin && (nameEnd[-1] == ' ' || nameEnd[-1] == '\t')) --nameEnd;
  const std::string_view name(line.begin, static_cast<size_t>(nameEnd - line.begin));
  Header header;
  header.id = name.empty() ? HeaderId::other : headerOf(name);
  const bool known = header.id != HeaderId::other;  // and so of token characters
  if (colon == line.end || !(known || isToken(name))) return fail(400, "malformed header name");
  if (_repeatedOnly && !isRepeated(header.id)) return;
  const std::string_view value = Chars::trimmed({colon + 1, static_cast<size_t>(line.end - colon - 1)});
  header.line = slice(line.begin, line.next);
  header.name = slice(name.data(), name.data() + name.size());
  header.value = slice(value.data(), value.data() + value.size());
  _message.addHeader(header);
}

void MessageScan::body() {
  const auto available = static_cast<uint32_t>(_end - _begin) - _message._bodyBegin;
  _message._bodyLength = available;
  bodyLength(available);
  if (_message._bodyLength > most(_limits.body)) fail(413, "body too large");
}

void MessageScan::bodyLength(uint32_t available) {
  if (!_message.has(HeaderId::contentLength)) return;
  if ((_message._repeated >> static_cast<unsigned>(HeaderId::contentLength)) & 1u) return fail(400, "two Content-Length headers");
  const auto length = parseNumber(_message.value(HeaderId::contentLength));
  if (!length) return fail(400, "malformed Content-Length");
  if (*length > available) return fail(400, "Content-Length larger than the body");
  _message._bodyLength = *length;
  _message._length = _message._bodyBegin + *length;
}

}  // namespace Patchbay::Parser
