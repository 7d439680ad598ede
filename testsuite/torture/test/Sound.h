#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace Patchbay::Testsuite {

/// A sound request, to be spoiled in one place.
class Sound {
 public:
  explicit Sound(std::string method = "INVITE", std::string uri = "sip:joe@198.51.100.7") : _line(method + " " + uri + " SIP/2.0") {
    _headers = {{"Via", "SIP/2.0/UDP 203.0.113.9;branch=z9hG4bKsound"},
                {"Max-Forwards", "70"},
                {"From", "<sip:ann@example.com>;tag=1"},
                {"To", "<sip:joe@example.com>"},
                {"Call-ID", "sound@203.0.113.9"},
                {"CSeq", "1 " + method},
                {"Contact", "<sip:ann@203.0.113.9>"}};
  }
  /// A status line instead of the request line.
  Sound& line(std::string text) {
    _line = std::move(text);
    return *this;
  }
  /// Another value, or one header more.
  Sound& with(const std::string& name, const std::string& value) {
    for (auto& header : _headers)
      if (header.first == name) return header.second = value, *this;
    return add(name, value);
  }
  Sound& add(const std::string& name, const std::string& value) {
    _headers.emplace_back(name, value);
    return *this;
  }
  Sound& without(const std::string& name) {
    std::erase_if(_headers, [&](const auto& header) { return header.first == name; });
    return *this;
  }
  Sound& body(std::string text) {
    _body = std::move(text);
    return *this;
  }
  std::string octets() const {
    std::string text = _line + "\r\n";
    for (const auto& [name, value] : _headers) text += name + ": " + value + "\r\n";
    return text + "\r\n" + _body;
  }
  operator std::string() const { return octets(); }

 private:
  std::string _line, _body;
  std::vector<std::pair<std::string, std::string>> _headers;
};

}  // namespace Patchbay::Testsuite
