#include "HttpUpgrade.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <optional>

#include "patchbay/parser/Names.h"

namespace Patchbay::Transport {

namespace {

constexpr std::string_view LineEnd = "\r\n";
constexpr size_t KeyLength = 24;  // 16 octets in base 64

std::string_view trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  return first == text.npos ? std::string_view() : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// A header by name; none when it is missing or there twice.
std::optional<std::string_view> headerOf(std::string_view head, std::string_view name) {
  std::optional<std::string_view> found;
  for (size_t at = head.find(LineEnd); at != head.npos && at + 2 < head.size(); at = head.find(LineEnd, at + 2)) {
    const auto line = head.substr(at + 2, head.find(LineEnd, at + 2) - at - 2);
    const size_t colon = line.find(':');
    if (colon == line.npos || !Parser::equalIgnoringCase(line.substr(0, colon), name)) continue;
    if (found) return std::nullopt;
    found = trimmed(line.substr(colon + 1));
  }
  return found;
}

/// Whether a comma-separated list has the token.
bool lists(std::optional<std::string_view> value, std::string_view token) {
  while (value && !value->empty()) {
    const size_t comma = value->find(',');
    if (Parser::equalIgnoringCase(trimmed(value->substr(0, comma)), token)) return true;
    value = comma == value->npos ? std::string_view() : value->substr(comma + 1);
  }
  return false;
}

bool isKey(std::string_view key) {
  const auto isDigit = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
  };
  return key.size() == KeyLength && key.ends_with("==") && std::all_of(key.begin(), key.end() - 2, isDigit);
}

/// RFC 6455, 4.2.2.
std::string acceptOf(std::string_view key) {
  const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  unsigned char digest[SHA_DIGEST_LENGTH], encoded[32];
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  const int length = EVP_EncodeBlock(encoded, digest, sizeof digest);
  return {reinterpret_cast<const char*>(encoded), static_cast<size_t>(length)};
}

HttpUpgrade refusal(const char* status, const char* line = "") {
  return {false, "HTTP/1.1 " + std::string(status) + "\r\n" + line + "Connection: close\r\nContent-Length: 0\r\n\r\n"};
}

bool isAllowed(std::string_view head, const std::vector<std::string>& origins) {
  if (origins.empty()) return true;
  const auto origin = headerOf(head, "Origin");
  return origin && std::any_of(origins.begin(), origins.end(), [&](const auto& one) { return Parser::equalIgnoringCase(one, *origin); });
}

}  // namespace

HttpUpgrade HttpUpgrade::of(std::string_view head, const std::vector<std::string>& origins) {
  const auto request = head.substr(0, head.find(LineEnd));
  if (!request.ends_with(" HTTP/1.1")) return refusal("505 HTTP Version Not Supported");
  if (!request.starts_with("GET /")) return refusal("405 Method Not Allowed", "Allow: GET\r\n");
  if (!headerOf(head, "Host")) return refusal("400 Bad Request");
  if (!lists(headerOf(head, "Upgrade"), "websocket") || !lists(headerOf(head, "Connection"), "upgrade"))
    return refusal("426 Upgrade Required", "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n");
  if (headerOf(head, "Sec-WebSocket-Version") != std::string_view("13"))
    return refusal("426 Upgrade Required", "Sec-WebSocket-Version: 13\r\n");
  const auto key = headerOf(head, "Sec-WebSocket-Key");
  if (!key || !isKey(*key) || !lists(headerOf(head, "Sec-WebSocket-Protocol"), "sip")) return refusal("400 Bad Request");
  if (!isAllowed(head, origins)) return refusal("403 Forbidden");
  return {true, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + acceptOf(*key) +
                    "\r\nSec-WebSocket-Protocol: sip\r\n\r\n"};
}

}  // namespace Patchbay::Transport
