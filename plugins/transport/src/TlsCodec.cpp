#include "TlsCodec.h"

#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <new>

#include "PeerCertificate.h"
#include "patchbay/runtime/Endpoint.h"

namespace Patchbay::Transport {

namespace {

/// New keys cost more than they are worth to a peer that asks for them all the time.
constexpr unsigned MostKeyUpdates = 16;
constexpr int HandshakeContent = 22;
constexpr unsigned char KeyUpdate = 24;

}  // namespace

TlsCodec::TlsCodec(std::shared_ptr<const TlsContexts> contexts, TlsContexts::Side side, const std::string* name)
    : _contexts(std::move(contexts)),
      _side(side),
      _name(name ? *name : std::string()),
      _connection(SSL_new(_contexts->of(side))),
      _in(BIO_new(BIO_s_mem())),
      _out(BIO_new(BIO_s_mem())) {
  if (!_connection || !_in || !_out) throw std::bad_alloc();
  SSL_set_bio(_connection, _in, _out);
  SSL_set_msg_callback(_connection, &TlsCodec::seen);
  SSL_set_msg_callback_arg(_connection, this);
  if (side != TlsContexts::Side::client) {
    SSL_set_accept_state(_connection);
    return;
  }
  SSL_set_connect_state(_connection);
  if (!_name.empty() && !Runtime::IpAddress::parse(_name)) SSL_set_tlsext_host_name(_connection, _name.c_str());
}

TlsCodec::~TlsCodec() {
  SSL_free(_connection);
}

void TlsCodec::seen(int written, int, int type, const void* octets, size_t length, SSL*, void* codec) {
  if (!written && type == HandshakeContent && length > 0 && *static_cast<const unsigned char*>(octets) == KeyUpdate)
    ++static_cast<TlsCodec*>(codec)->_keyUpdates;
}

Codec::State TlsCodec::begin(std::string& wire) {
  // nobody could tell whose certificate this should be
  if (_side == TlsContexts::Side::client && _name.empty() && _contexts->options().verifyServers) return fail("name");
  return handshake(wire);
}

Codec::State TlsCodec::handshake(std::string& wire) {
  ERR_clear_error();
  const int done = SSL_do_handshake(_connection);
  const int why = done == 1 ? SSL_ERROR_NONE : SSL_get_error(_connection, done);
  if (done == 1) _state = provesItself() ? State::open : fail("name");
  if (done != 1 && why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) fail(causeOf(ERR_peek_error()));
  drain(wire);
  return _state;
}

bool TlsCodec::provesItself() {
  const auto& options = _contexts->options();
  if (_side == TlsContexts::Side::client) return !options.verifyServers || PeerCertificate::of(_connection).proves(_name);
  if (_side == TlsContexts::Side::server || options.clients.empty()) return true;
  const auto peer = PeerCertificate::of(_connection);
  return std::any_of(options.clients.begin(), options.clients.end(), [&](const std::string& name) { return peer.proves(name); });
}

Codec::State TlsCodec::decode(std::string_view octets, std::string& plain, std::string& wire) {
  if (_state == State::failed || _state == State::ended) return _state;
  BIO_write(_in, octets.data(), static_cast<int>(octets.size()));
  if (_state == State::opening && handshake(wire) != State::open) return _state;
  read(plain);
  drain(wire);
  return _state;
}

Codec::State TlsCodec::read(std::string& plain) {
  std::array<char, 16384> record;  // the longest
  ERR_clear_error();
  for (;;) {
    const int got = SSL_read(_connection, record.data(), static_cast<int>(record.size()));
    if (_keyUpdates > MostKeyUpdates) return fail("key_updates");
    if (got > 0) {
      plain.append(record.data(), static_cast<size_t>(got));
      continue;
    }
    const int why = SSL_get_error(_connection, got);
    if (why == SSL_ERROR_ZERO_RETURN) return _state = State::ended;
    if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) return fail(causeOf(ERR_peek_error()));
    return _state;
  }
}

Codec::State TlsCodec::encode(std::string_view plain, std::string& wire) {
  ERR_clear_error();
  if (_state != State::open || plain.empty()) return _state;
  if (SSL_write(_connection, plain.data(), static_cast<int>(plain.size())) <= 0) fail("other");
  drain(wire);
  return _state;
}

void TlsCodec::end(std::string& wire) {
  ERR_clear_error();
  if (_state == State::open || _state == State::ended) SSL_shutdown(_connection);
  drain(wire);
}

void TlsCodec::drain(std::string& wire) {
  char* octets = nullptr;
  const long length = BIO_get_mem_data(_out, &octets);
  if (length > 0) wire.append(octets, static_cast<size_t>(length));
  BIO_reset(_out);
}

Codec::State TlsCodec::fail(std::string_view why) {
  if (_state != State::failed) _failure = why;
  return _state = State::failed;
}

std::string_view TlsCodec::causeOf(unsigned long error) {
  switch (ERR_GET_REASON(error)) {
    case SSL_R_HTTP_REQUEST:
    case SSL_R_HTTPS_PROXY_REQUEST:
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
    case SSL_R_LENGTH_MISMATCH:
    case SSL_R_BAD_RECORD_TYPE:
    case SSL_R_UNEXPECTED_MESSAGE:
    case SSL_R_UNEXPECTED_RECORD:
      return "garbage";
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_VERSION_TOO_LOW:
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
      return "version";
    case SSL_R_NO_SHARED_CIPHER:
      return "cipher";
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
      return "certificate";
    default:
      return ERR_GET_REASON(error) >= SSL_AD_REASON_OFFSET ? "alert" : "other";
  }
}

}  // namespace Patchbay::Transport
