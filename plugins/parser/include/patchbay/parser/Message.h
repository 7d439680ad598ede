#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/parser/Fields.h"
#include "patchbay/parser/Names.h"

namespace Patchbay::Parser {

/// A stretch of a message's octets, by offset: it stays right when the octets move.
struct Slice {
  uint32_t begin = 0;
  uint32_t length = 0;
  uint32_t end() const { return begin + length; }
};

/// One header line (with its folded continuation lines).
struct Header {
  HeaderId id = HeaderId::other;
  Slice line;   ///< all of it, line end included
  Slice name;   ///< without blanks and colon
  Slice value;  ///< without surrounding blanks; may hold folds
};

/// What a message must not exceed. Over one of them `parse` or `validate` gives the fault of that cap. The bundle offers the configured
/// ones as a service of this type.
struct Limits {
  size_t message = 16384;       ///< octets; 513
  size_t headerSection = 8192;  ///< octets of all header lines; 513
  size_t body = 8192;           ///< octets; 413
  size_t headerLine = 2048;     ///< octets, folds and line end included; 513
  size_t startLine = 2048;      ///< octets; 414
  size_t headers = 256;         ///< 513
  size_t vias = 70;             ///< values, not lines; 513
  size_t method = 64;           ///< characters; 400

  /// For octets that have passed the limits before, and have grown since by what we added.
  static constexpr Limits none() {
    constexpr size_t most = SIZE_MAX;
    return {most, most, most, most, most, most, most, most};
  }
};

/// What is wrong with a message: the status that a request deserves and a text for its Warning and the log. Static text.
struct Fault {
  int status = 0;  ///< 0: sound
  const char* text = "";
  explicit operator bool() const { return status != 0; }
};

/// One SIP message over octets that somebody else keeps: one pass finds the lines, everything deeper is parsed when asked for and then
/// kept, failures included. The octets never change. Reused for the next message without allocation (header lines over the inline table
/// excepted). Not thread-safe: asking parses.
class PATCHBAY_API Message {
 public:
  Message();
  ~Message();
  Message(const Message&) = delete;

  /// A datagram: what stands behind Content-Length octets of body is cut off (RFC 3261, 18.3). `octets` must outlive this message or be
  /// moved with `moveTo`. The fault is also kept in fault(); the parts that were found are there all the same, so that a 400 can be made.
  Fault parse(std::string_view octets, const Limits& limits = {});
  /// The octets were copied to `base`; all views follow.
  void moveTo(const char* base);

  /// Deep checks of what a proxy and registrar rely on: mandatory headers, duplicates of single ones, topmost Via, From, To, CSeq, Call-ID,
  /// Max-Forwards, Content-Length, Request-URI, every Via (count), CSeq against the method; torture expectations of RFC 4475. Kept: asking
  /// twice costs nothing.
  Fault validate();
  Fault fault() const { return _fault; }

  std::string_view octets() const { return {_base, _length}; }
  std::string_view text(Slice slice) const { return {_base + slice.begin, slice.length}; }

  bool isRequest() const { return _isRequest; }
  /// Of the request line; of a reply its CSeq's.
  Method method();
  std::string_view methodText();
  std::string_view requestUriText() const { return text(_requestUri); }
  Slice requestUriSlice() const { return _requestUri; }
  /// Null when it is no URI.
  const Uri* requestUri();
  int status() const { return _status; }
  std::string_view reason() const { return text(_reason); }

  std::span<const Header> headers() const { return {_headers, _headerCount}; }
  /// Where the first header line begins, where the empty line begins, and the body.
  uint32_t headersBegin() const { return _headersBegin; }
  uint32_t headersEnd() const { return _headersEnd; }
  std::string_view body() const { return {_base + _bodyBegin, _bodyLength}; }
  uint32_t bodyBegin() const { return _bodyBegin; }
  /// A bit test.
  bool has(HeaderId id) const { return (_present >> static_cast<unsigned>(id)) & 1u; }
  const Header* first(HeaderId id) const;
  const Header* next(const Header& header) const;  ///< of the same id
  /// Any header by name, compact forms and case aside; `after` continues.
  const Header* find(std::string_view name, const Header* after = nullptr) const;
  /// The value of the first one, empty when absent.
  std::string_view value(HeaderId id) const;

  // Each null (or none) when absent or malformed.
  const Via* topVia();
  const Address* from();
  const Address* to();
  const CSeq* cseq();
  /// The first value of the first Route.
  const Address* topRoute();
  std::string_view callId() const { return value(HeaderId::callId); }
  std::optional<uint32_t> maxForwards();
  /// Of the Expires header; over 2^32-1 or not a number: none.
  std::optional<uint32_t> expires();
  /// The topmost Via value's place, with the comma behind it when it is not alone on its line, else its whole line: what a proxy removes
  /// from a reply.
  Slice topViaCut();
  /// The Via value below the topmost one.
  std::optional<Via> secondVia();

 private:
  friend class MessageScan;
  friend class Validation;
  friend class Composition;
  template <class T>
  struct Lazy {
    enum class State : uint8_t { unasked, good, bad } state = State::unasked;
    T value;
  };
  void clear(std::string_view octets, const Limits& limits);
  void addHeader(const Header& header);

  static constexpr size_t InlineHeaders = 40;
  const char* _base = "";
  uint32_t _length = 0;
  uint64_t _present = 0, _repeated = 0;
  size_t _viaLimit = 0;
  std::array<uint32_t, static_cast<size_t>(HeaderId::count_)> _firsts;  // index of the first header of an id that is present
  Slice _method, _requestUri, _reason;
  uint32_t _startLine = 0;  // behind empty lines
  uint32_t _headersBegin = 0, _headersEnd = 0, _bodyBegin = 0, _bodyLength = 0;
  int _status = 0;
  bool _isRequest = false, _validated = false;
  Method _methodId = Method::other;
  Fault _fault;
  Header* _headers = nullptr;
  size_t _headerCount = 0;
  std::array<Header, InlineHeaders> _inline;
  std::vector<Header> _many;
  Lazy<Uri> _uri;
  Lazy<Via> _via;
  Lazy<Address> _from, _to, _route;
  Lazy<CSeq> _cseq;
};

static_assert(static_cast<unsigned>(HeaderId::count_) <= 64);

}  // namespace Patchbay::Parser
