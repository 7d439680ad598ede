#include "SecureConnection.h"

#include <openssl/bio.h>
#include <openssl/err.h>

#include <utility>

#include <Poco/Net/NetException.h>

namespace Patchbay::Admin {

/// OpenSSL's way to the socket.
struct SecureConnection::Wire {
  static SecureConnection& of(BIO* bio) { return *static_cast<SecureConnection*>(BIO_get_data(bio)); }

  template <class Move>
  static int move(BIO* bio, Move&& move) {
    SecureConnection& connection = of(bio);
    try {
      return move(connection);
    } catch (...) {
      connection._failure = std::current_exception();
      return -1;
    }
  }
  static int read(BIO* bio, char* octets, int length) {
    return move(bio, [&](SecureConnection& one) { return one.LimitedConnection::receiveBytes(octets, length, 0); });
  }
  static int write(BIO* bio, const char* octets, int length) {
    return move(bio, [&](SecureConnection& one) { return one.LimitedConnection::sendBytes(octets, length, 0); });
  }
  static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

  static const BIO_METHOD* method() {
    static BIO_METHOD* const made = [] {
      BIO_METHOD* all = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "connection");
      BIO_meth_set_read(all, &Wire::read);
      BIO_meth_set_write(all, &Wire::write);
      BIO_meth_set_ctrl(all, &Wire::control);
      return all;
    }();
    return made;
  }
};

SecureConnection::SecureConnection(poco_socket_t descriptor, size_t mostBytes, std::chrono::milliseconds most,
                                   Poco::Net::Context::Ptr context)
    : LimitedConnection(descriptor, mostBytes, most),
      _context(std::move(context)),
      _connection(SSL_new(_context->sslContext()), &SSL_free) {
  BIO* const bio = BIO_new(Wire::method());
  if (!_connection || !bio) throw Poco::Net::NetException("no memory for TLS");
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(_connection.get(), bio, bio);
  SSL_set_accept_state(_connection.get());
}

SecureConnection::~SecureConnection() {
  sayGoodbye();
}

int SecureConnection::receiveBytes(void* buffer, int length, int) {
  ERR_clear_error();
  return done(SSL_read(_connection.get(), buffer, length));
}

int SecureConnection::sendBytes(const void* buffer, int length, int) {
  ERR_clear_error();
  return done(SSL_write(_connection.get(), buffer, length));
}

/// The end of the connection is 0 octets, as without TLS.
int SecureConnection::done(int moved) {
  if (moved > 0) return moved;
  if (_failure) std::rethrow_exception(std::exchange(_failure, nullptr));
  const int error = SSL_get_error(_connection.get(), moved);
  if (error == SSL_ERROR_ZERO_RETURN || error == SSL_ERROR_SYSCALL) return 0;
  char text[256] = "";
  ERR_error_string_n(ERR_get_error(), text, sizeof text);
  throw Poco::Net::NetException("TLS failed", text);
}

void SecureConnection::close() {
  sayGoodbye();
  LimitedConnection::close();
}

/// So that nobody takes a cut for the end.
void SecureConnection::sayGoodbye() noexcept {
  if (initialized() && SSL_is_init_finished(_connection.get()) && !(SSL_get_shutdown(_connection.get()) & SSL_SENT_SHUTDOWN))
    SSL_shutdown(_connection.get());
}

}  // namespace Patchbay::Admin
