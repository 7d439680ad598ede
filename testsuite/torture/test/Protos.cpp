#include "Protos.h"

namespace Patchbay::Testsuite {

namespace {

/// Places stand in double braces: {{name|what is right there}}.
const char* const Invite =
    "{{method|INVITE}}{{blank before the Request-URI| }}{{scheme|sip}}:{{user|joe}}{{password|}}@{{host|example.com}}{{port|:5060}}"
    "{{URI parameter|;transport}}{{URI parameter's value|=udp}} {{protocol|SIP}}/{{version|2.0}}{{line end|\r\n}}"
    "{{Via name|Via}}:{{blank behind a colon| }}{{Via protocol|SIP/2.0}}/{{Via transport|UDP}} {{Via host|203.0.113.9}}{{Via port|:5060}}"
    ";branch={{branch|z9hG4bKprotos}}{{Via parameter|;x=y}};ttl={{ttl|16}};rport{{rport|}};received={{received|203.0.113.9}}\r\n"
    "Via: {{second Via|SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKsecond}}\r\n"
    "Max-Forwards: {{Max-Forwards|70}}\r\n"
    "From: {{display name|\"Ann\"}} <{{From URI|sip:ann@example.com}}>;tag={{From tag|1}}{{From parameter|;a=b}}\r\n"
    "To: {{To display name|Joe}} <sip:{{To user|joe}}@{{To host|example.com}}>{{To tag|;x=1}}\r\n"
    "Call-ID: {{Call-ID|protos}}@{{Call-ID host|203.0.113.9}}\r\n"
    "CSeq: {{CSeq number|1}} {{CSeq method|INVITE}}\r\n"
    "Contact: {{Contact name|\"a\"}} <{{Contact scheme|sip}}:{{Contact user|ann}}@{{Contact host|203.0.113.9}}{{Contact port|:5060}}>"
    ";q={{q|0.5}};expires={{Contact expires|60}}\r\n"
    "Supported: {{Supported|100rel}}\r\n"
    "Accept: {{Accept|application/sdp}}\r\n"
    "Date: {{Date|Sat, 13 Nov 2010 23:29:00 GMT}}\r\n"
    "Proxy-Authorization: {{scheme of credentials|Digest}} username={{username|\"ann\"}}, realm=\"{{realm|example.com}}\", "
    "nonce=\"{{nonce|1}}\", "
    "uri=\"sip:example.com\", response=\"{{response|0123456789abcdef0123456789abcdef}}\", nc={{nc|00000001}}\r\n"
    "{{header name|X-Other}}: {{header value|other}}\r\n"
    "Content-Type: {{type|application}}/{{subtype|sdp}}{{type parameter|;charset=utf-8}}\r\n"
    "Content-Length: {{Content-Length|90}}\r\n"
    "{{empty line|\r\n}}"
    "v={{v|0}}\r\no={{o|ann 1 1 IN IP4 203.0.113.9}}\r\ns=-\r\nc=IN IP4 {{c|203.0.113.9}}\r\nt=0 0\r\nm=audio {{m|9}} RTP/AVP 0\r\n";

const char* const Register =
    "REGISTER sip:{{registrar|example.com}} SIP/2.0\r\nVia: SIP/2.0/UDP 203.0.113.9;branch=z9hG4bKregister\r\nMax-Forwards: 70\r\n"
    "From: <sip:ann@example.com>;tag=1\r\nTo: {{address of record|<sip:ann@example.com>}}\r\nCall-ID: {{registration|r@203.0.113.9}}\r\n"
    "CSeq: {{registration number|1}} REGISTER\r\nExpires: {{Expires|60}}\r\n"
    "Contact: {{whole contact|<sip:ann@203.0.113.9>}};+sip.instance=\"{{instance|<urn:uuid:1>}}\", {{second "
    "contact|<sip:ann@203.0.113.10>}}\r\n"
    "Path: {{Path|<sip:203.0.113.9;lr>}}\r\nRequire: {{Require|path}}\r\nUser-Agent: {{User-Agent|protos}}\r\n\r\n";

void addLengths(std::vector<std::string>& values) {
  for (const size_t length : {1, 16, 63, 64, 65, 127, 255, 256, 1023, 1024, 2047, 2048, 4096, 8192, 16384, 32768, 60000})
    values.emplace_back(length, 'a');
  for (const char* unit : {"%s", "%n", "%x", "<", "\"", ",", ";", "(", "\xff", "\\", "/", ".", " ", "a=b;", "sip:", "1."}) {
    std::string many;
    for (int i = 0; i < 200; ++i) many += unit;
    values.push_back(many);
  }
}

void addNumbers(std::vector<std::string>& values) {
  for (const char* number : {"0",          "1",          "-1",         "+1",         "00",
                             "255",        "256",        "65535",      "65536",      "2147483647",
                             "2147483648", "4294967295", "4294967296", "4294967297", "18446744073709551616",
                             "0x7f",       "1e9",        "1.5",        "7O",         "99999999999999999999999999999999"})
    values.emplace_back(number);
}

void addOddities(std::vector<std::string>& values) {
  using namespace std::string_literals;
  for (const auto& value : {""s,
                            " "s,
                            "\t"s,
                            "\r\n"s,
                            "\r\n "s,
                            "\r"s,
                            "\n"s,
                            "\r\n\r\n"s,
                            "\0"s,
                            "a\0b"s,
                            "\x7f"s,
                            "\x01"s,
                            "\x80"s,
                            "\xc0\xaf"s,
                            "\xe2\x82"s,
                            "\xff\xfe"s,
                            "%"s,
                            "%0"s,
                            "%00"s,
                            "%zz"s,
                            "%0d%0a"s,
                            "%2525"s,
                            "\""s,
                            "\"\\"s,
                            "\"a\\\""s,
                            "'"s,
                            "<"s,
                            ">"s,
                            "<>"s,
                            "<<>>"s,
                            "()"s,
                            "@"s,
                            "a@b@c"s,
                            ":"s,
                            "::"s,
                            ";"s,
                            ";;"s,
                            ",,"s,
                            "?"s,
                            "?a=b"s,
                            "&"s,
                            "="s,
                            "#"s,
                            "*"s,
                            "[]"s,
                            "[::1]"s,
                            "[1::2::3]"s,
                            "::1"s,
                            "0.0.0.0"s,
                            "255.255.255.255"s,
                            "239.1.1.1"s,
                            "999.1.1.1"s,
                            "localhost"s,
                            "a..b"s,
                            "\r\nVia: SIP/2.0/UDP 1.2.3.4"s,
                            "\r\nContent-Length: 9"s,
                            "a\r\n\tb"s})
    values.push_back(value);
}

}  // namespace

Protos::Protos() {
  addTemplate(Invite);
  addTemplate(Register);
  addLengths(_values);
  addNumbers(_values);
  addOddities(_values);
}

void Protos::addTemplate(const std::string& text) {
  for (size_t at = text.find("{{"); at != text.npos; at = text.find("{{", at + 2)) {
    const size_t bar = text.find('|', at), end = text.find("}}", at);
    _slots.push_back({text.substr(at + 2, bar - at - 2), text.substr(bar + 1, end - bar - 1), _templates.size()});
  }
  _templates.push_back(text);
}

std::string Protos::at(size_t index, std::string& name) const {
  const Slot& slot = _slots[index / _values.size()];
  const std::string& value = _values[index % _values.size()];
  name = slot.name + " with value " + std::to_string(index % _values.size());
  const std::string& text = _templates[slot.request];
  std::string request;
  for (size_t from = 0; from < text.size();) {
    const size_t at = text.find("{{", from);
    request += text.substr(from, at == text.npos ? at : at - from);
    if (at == text.npos) break;
    const size_t bar = text.find('|', at), end = text.find("}}", at);
    const bool chosen = text.compare(at + 2, bar - at - 2, slot.name) == 0;
    request += chosen ? value : text.substr(bar + 1, end - bar - 1);
    from = end + 2;
  }
  return request;
}

}  // namespace Patchbay::Testsuite
