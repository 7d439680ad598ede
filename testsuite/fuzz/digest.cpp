#include "Input.h"
#include "Nonces.h"
#include "patchbay/auth/Credentials.h"

using namespace Patchbay;

namespace {

std::string_view* partsOf(Auth::Credentials& credentials, size_t at) {
  std::string_view* const parts[] = {&credentials.username, &credentials.realm,  &credentials.nonce, &credentials.uri,
                                     &credentials.response, &credentials.cnonce, &credentials.qop,   &credentials.nc};
  return at < std::size(parts) ? parts[at] : nullptr;
}

void sound(Auth::Credentials& credentials, std::string_view text) {
  for (size_t i = 0; auto* part = partsOf(credentials, i); ++i)
    Fuzz::require(part->empty() || Fuzz::within(text, *part), "the parts of credentials lie in their text");
  Fuzz::require(credentials.qop.empty() == (credentials.count == 0), "a count comes with qop, and is never 0");
  const auto response = Auth::responseOf(credentials, "REGISTER", "0123456789abcdef0123456789abcdef");
  Fuzz::require(response.text().size() == credentials.response.size(), "a response is as long as its algorithm's");
}

}  // namespace

/// The value of an Authorization header; and the same octets as a nonce.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Fuzz::Input input(data, size);
  const auto text = input.text();
  Auth::Credentials credentials;
  if (credentials.parse(text) == Auth::Credentials::Reading::sound) {
    sound(credentials, text);
    const Fuzz::Input copy(text);
    credentials.rebase(copy.text().data() - text.data());
    sound(credentials, copy.text());
  }
  static const Auth::Nonces nonces({{1, 2}, 3, std::chrono::seconds(300), true, false});
  const auto state = nonces.read(text, "example.org", {}, {}).state;
  Fuzz::require(state == Auth::Nonces::Reading::State::forged, "nobody guesses a nonce");
  return 0;
}
