#pragma once

#include <openssl/ssl.h>

#include <exception>
#include <memory>

#include <Poco/Net/Context.h>

#include "LimitedConnection.h"

namespace Patchbay::Admin {

/// The same with TLS. The limits are those of what goes over the wire, the handshake included, which POCO's own secure sockets could not
/// keep: theirs read from the descriptor behind our back.
class SecureConnection : public LimitedConnection {
 public:
  SecureConnection(poco_socket_t descriptor, size_t mostBytes, std::chrono::milliseconds most, Poco::Net::Context::Ptr context);
  ~SecureConnection() override;

  int receiveBytes(void* buffer, int length, int flags) override;
  int sendBytes(const void* buffer, int length, int flags) override;
  void close() override;
  bool secure() const override { return true; }

 private:
  struct Wire;
  int done(int moved);
  void sayGoodbye() noexcept;

  const Poco::Net::Context::Ptr _context;
  const std::unique_ptr<SSL, void (*)(SSL*)> _connection;
  std::exception_ptr _failure;  ///< of the wire, to be thrown where no C function lies between
};

}  // namespace Patchbay::Admin
