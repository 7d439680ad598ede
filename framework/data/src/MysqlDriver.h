#pragma once

#include "Driver.h"

namespace Patchbay::Data {

struct MysqlSettings : CommonSettings {
  std::string user, password, host, database;
  uint16_t port = 3306;
  bool wait = true;  ///< start=wait
};

/// MariaDB or MySQL by TCP, or for the host `localhost` without a port by the client library's socket.
class PATCHBAY_API MysqlDriver final : public Driver {
 public:
  explicit MysqlDriver(MysqlSettings settings);
  const Dialect& dialect() const override { return _dialect; }
  const CommonSettings& settings() const override { return _settings; }
  std::string description() const override;
  std::unique_ptr<Session> connect() override;
  Failure failureOf(const Poco::Exception& exception) const override;
  bool isRemote() const override { return true; }
  bool waitsAtStart() const override { return _settings.wait; }

  /// What an error number of the server or of the client library means.
  static Failure::Kind kindOf(int number);

 private:
  const MysqlSettings _settings;
  const MysqlDialect _dialect;
};

}  // namespace Patchbay::Data
