#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "Input.h"
#include "patchbay/parser/Edits.h"
#include "patchbay/parser/Message.h"

using namespace Patchbay;
using Parser::HeaderId;
using Parser::Message;

namespace {

/// The message written anew with edits, beside what that should give: a list of lines, edited by much simpler means.
class Rebuilding {
 public:
  explicit Rebuilding(Message& message) : _message(message) {
    const auto begin = message.headers().empty() ? message.headersEnd() : message.headers()[0].line.begin;
    const auto start = message.octets().substr(0, begin);
    _startLine = start.substr(std::min(start.size(), start.find_first_not_of("\r\n")));
    for (const auto& header : message.headers()) _lines.push_back({std::string(message.text(header.line)), header.id, false});
    _body = message.body();
  }

  void edit(Fuzz::Reader& program) {
    switch (program.below(8)) {
      case 0:
        return remove(program);
      case 1:
        return replaceValue(program);
      case 2:
        return append(program.until('\n'), program.until('\n'));
      case 3:
        return insert(program);
      case 4:
        _top = "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKours\r\n";
        return;
      case 5:
        if (_message.isRequest()) _uri = "sip:other@example.org;lr";
        return;
      case 6:
        _contentLength = true;
        return;
      default:
        return replaceBody(program);
    }
  }

  void finish() {
    const Parser::Rebuild rebuild{_message, _uri, _top, &_edits, nullptr, _contentLength};
    std::vector<char> room(rebuild.room());
    Parser::Writer writer(room.data(), room.size());
    rebuild.write(writer);
    Fuzz::require(writer.ok(), "what may be edited can be written");
    const std::string written(writer.written()), wanted = expected();
    if (written != wanted) std::fprintf(stderr, "--- written:\n%s\n--- wanted:\n%s\n", written.c_str(), wanted.c_str());
    Fuzz::require(written == wanted, "what is written is the message with its edits");
    reparse(written);
  }

 private:
  struct Line {
    std::string text;
    HeaderId id;
    bool touched, edited = false;
  };

  Line* untouched(size_t index) {
    if (_lines.empty()) return nullptr;
    Line& line = _lines[index % _lines.size()];
    return std::exchange(line.touched, true) ? nullptr : &line;
  }
  void remove(Fuzz::Reader& program) {
    const size_t index = program.octet();
    Line* line = untouched(index);
    if (!line) return;
    _sound &= line->id == HeaderId::other;
    Fuzz::require(_edits.removeHeader(_message.headers()[index % _lines.size()]), "an untouched header can be removed");
    line->text.clear();
    line->edited = true;
  }
  void replaceValue(Fuzz::Reader& program) {
    const size_t index = program.octet();
    const auto value = program.until('\n');
    Line* line = untouched(index);
    if (!line || value.empty()) return;
    const auto& header = _message.headers()[index % _lines.size()];
    if (header.value.length == 0) return;
    const bool done = _edits.replace(header.value, value);
    Fuzz::require(done == Parser::isHeaderSafe(value), "a value is replaced by what may stand there, and by nothing else");
    if (!done) return;
    _sound = false;
    line->edited = true;
    line->text.replace(header.value.begin - header.line.begin, header.value.length, value);
  }
  void append(std::string_view name, std::string_view value) {
    const bool done = _edits.appendHeader(_message, name, value);
    Fuzz::require(done == (Parser::isToken(name) && Parser::isHeaderSafe(value)), "a header is appended when it may stand there, else not");
    if (!done) return;
    _sound &= Parser::headerOf(name) == HeaderId::other;
    _appended.append(name).append(": ").append(value).append("\r\n");
    ++_added;
  }
  void insert(Fuzz::Reader& program) {
    const auto id = static_cast<HeaderId>(1 + program.below(static_cast<size_t>(HeaderId::count_) - 1));
    const auto* before = _message.first(id);
    const size_t index = before ? static_cast<size_t>(before - _message.headers().data()) : 0;
    if (!before && !_lines.empty() && _lines[0].touched) return;  // which of two splices at one place is first is the order of their making
    if (before && _lines[index].touched) return;
    Fuzz::require(_edits.insertHeader(_message, id, "X-Ours", "here"), "a header can be inserted");
    (before ? _lines[index].text.insert(0, "X-Ours: here\r\n") : _first.append("X-Ours: here\r\n"));
    if (before) _lines[index].touched = true;
    ++_added;
  }
  void replaceBody(Fuzz::Reader& program) {
    const uint32_t size = static_cast<uint32_t>(_message.body().size());
    const uint32_t begin = program.word(), length = program.word();
    const auto text = program.until('\n');
    if (_bodyTouched || text.empty()) return;
    const bool done = _edits.replaceInBody(_message, {_message.bodyBegin() + begin, length}, text);
    Fuzz::require(done == (begin + length <= size), "a body is edited where it is");
    if (!done) return;
    _bodyTouched = true;
    _body.replace(begin, length, text);
  }

  std::string expected() {
    std::string all = _startLine;
    if (!_uri.empty()) all.replace(all.find(' ') + 1, _message.requestUriText().size(), _uri);
    all += _top + _first;
    _count = _added + !_top.empty();
    bool has = false;
    const std::string ours = "Content-Length: " + std::to_string(_body.size()) + "\r\n";
    for (const auto& line : _lines) {
      const bool length = line.id == HeaderId::contentLength && !has;
      has |= length;
      const bool anew = length && (_bodyTouched || (_contentLength && line.edited));
      all += anew ? ours : line.text;
      _count += anew || !line.text.empty();
    }
    if (!has && (_bodyTouched || _contentLength)) all += ours, ++_count;
    return all + _appended + std::string(_message.text({_message.headersEnd(), _message.bodyBegin() - _message.headersEnd()})) + _body;
  }

  /// A07: what was sound stays sound, and holds what it held.
  void reparse(const std::string& written) {
    const Fuzz::Input octets(written);
    Message again;
    again.parse(octets.text());
    if (again.fault().status == 513) return;  // it grew over a limit
    Fuzz::require(again.headers().size() == _count, "no edit makes another header line than its own");
    if (!_sound || again.validate().status == 513) return;
    Fuzz::require(!again.fault(), "a sound message with harmless edits is sound");
    Fuzz::require(again.body() == _body, "a body is found again");
    Fuzz::require(again.callId() == _message.callId(), "a call is found again");
    if (_message.isRequest()) Fuzz::require(again.from()->tag == _message.from()->tag, "a dialog is found again");
  }

  Message& _message;
  Parser::Edits _edits;
  std::string _startLine, _top, _first, _appended, _body, _uri;
  std::vector<Line> _lines;
  size_t _added = 0, _count = 0;
  bool _contentLength = false, _bodyTouched = false, _sound = true;
};

}  // namespace

/// How many edits, the edits, then the message.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Fuzz::Reader program({reinterpret_cast<const char*>(data), size});
  const bool edited = size > 0 && data[0] < 8;  // a message by itself is written as it is
  Fuzz::Reader edits(edited ? program.until('\0') : std::string_view());
  const Fuzz::Input input(program.rest());
  Message message;
  if (message.parse(input.text()) || message.validate()) return 0;
  Rebuilding rebuilding(message);
  while (!edits.done()) rebuilding.edit(edits);
  rebuilding.finish();
  return 0;
}
