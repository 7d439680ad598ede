#include "DigestAnswer.h"

#include <sstream>

#include <Poco/Exception.h>
#include <openssl/evp.h>

namespace Patchbay::Testsuite {

namespace {

using Words = std::map<std::string, std::string>;

std::string hash(const std::string& algorithm, const std::string& text) {
  const char* name = algorithm == "MD5" ? "MD5" : algorithm == "SHA-256" ? "SHA256" : "SHA512-256";
  unsigned char octets[EVP_MAX_MD_SIZE];
  size_t length = 0;
  if (EVP_Q_digest(nullptr, name, nullptr, text.data(), text.size(), octets, &length) != 1)
    throw Poco::InvalidArgumentException("no algorithm " + algorithm);
  std::string hex;
  for (size_t i = 0; i < length; ++i) {
    hex += "0123456789abcdef"[octets[i] >> 4];
    hex += "0123456789abcdef"[octets[i] & 15];
  }
  return hex;
}

Words wordsOf(const std::string& text) {
  Words words{{"realm", "example.org"}, {"algorithm", "MD5"}, {"nc", "00000001"}, {"cnonce", "c"}};
  std::istringstream in(text);
  for (std::string word; in >> word;) {
    const auto equals = word.find('=');
    if (equals == word.npos) throw Poco::SyntaxException("{digest ...}: expected name=value, not '" + word + "'");
    words[word.substr(0, equals)] = word.substr(equals + 1);
  }
  return words;
}

std::string answerOf(Words words, const std::string& nonce) {
  const bool qop = words["qop"] != "no";
  const auto& algorithm = words["algorithm"];
  const std::string user = words.count("as") ? words["as"] : words["user"];
  const std::string ha1 = hash(algorithm, user + ":" + words["realm"] + ":" + words["password"]);
  const std::string ha2 = hash(algorithm, words["method"] + ":" + words["uri"]);
  const std::string counted = qop ? ":" + words["nc"] + ":" + words["cnonce"] + ":auth:" : ":";
  return "Digest username=\"" + user + "\", realm=\"" + words["realm"] + "\", nonce=\"" + nonce + "\", uri=\"" + words["uri"] +
         "\", response=\"" + hash(algorithm, ha1 + ":" + nonce + counted + ha2) + "\", algorithm=" + algorithm +
         (qop ? ", qop=auth, nc=" + words["nc"] + ", cnonce=\"" + words["cnonce"] + "\"" : "");
}

}  // namespace

std::vector<std::string> withDigests(const std::vector<std::string>& lines, const Captures& captures) {
  constexpr std::string_view Begin = "{digest ";
  std::vector<std::string> all = lines;
  for (auto& line : all) {
    const auto at = line.find(Begin);
    if (at == line.npos) continue;
    const auto end = line.find('}', at);
    auto words = wordsOf(line.substr(at + Begin.size(), end - at - Begin.size()));
    words.emplace("method", lines.front().substr(0, lines.front().find(' ')));
    const auto nonce = captures.find(words["nonce"]);
    if (nonce == captures.end()) throw Poco::NotFoundException("{digest ...}: nonce={" + words["nonce"] + "} has not been captured yet");
    line.replace(at, end - at + 1, answerOf(words, nonce->second));
  }
  return all;
}

}  // namespace Patchbay::Testsuite
