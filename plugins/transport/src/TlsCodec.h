#pragma once

#include <openssl/ssl.h>

#include <memory>

#include "Codec.h"
#include "TlsContexts.h"

namespace Patchbay::Transport {

/// TLS over memory: OpenSSL never sees a socket.
class TlsCodec : public Codec {
 public:
  /// `name`: of the peer that we connect to, which it has to prove; null for one that connects to us.
  TlsCodec(std::shared_ptr<const TlsContexts> contexts, TlsContexts::Side side, const std::string* name);
  ~TlsCodec() override;
  TlsCodec(const TlsCodec&) = delete;

  State begin(std::string& wire) override;
  State decode(std::string_view octets, std::string& plain, std::string& wire) override;
  State encode(std::string_view plain, std::string& wire) override;
  void end(std::string& wire) override;
  std::string_view failure() const override { return _failure; }

 private:
  State handshake(std::string& wire);
  State read(std::string& plain);
  State fail(std::string_view why);
  bool provesItself();
  void drain(std::string& wire);
  static std::string_view causeOf(unsigned long error);
  static void seen(int written, int version, int type, const void* octets, size_t length, SSL* connection, void* codec);

  const std::shared_ptr<const TlsContexts> _contexts;
  const TlsContexts::Side _side;
  const std::string _name;
  SSL* const _connection;
  BIO *_in, *_out;  ///< the connection's
  State _state = State::opening;
  std::string_view _failure;
  unsigned _keyUpdates = 0;
};

}  // namespace Patchbay::Transport
