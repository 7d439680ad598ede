#pragma once

#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <Poco/Exception.h>
#include <Poco/File.h>
#include <Poco/TemporaryFile.h>

namespace Patchbay::Testsuite {

/// A MariaDB server of a test's own: its data in a temporary folder, on a port of loopback. Nothing of the packaged service is used.
class PrivateMariadb {
 public:
  PrivateMariadb() : _folder(Poco::TemporaryFile::tempName()), _port(freePort()) {
    Poco::File(_folder).createDirectories();
    run({"mariadb-install-db", "--no-defaults", "--datadir=" + _folder, "--auth-root-authentication-method=normal", "--skip-test-db",
         account()});
    start();
  }
  ~PrivateMariadb() {
    resume();
    stop();
    Poco::File(_folder).remove(true);
  }

  /// Returns when it takes connections.
  void start() {
    int output[2];
    if (::pipe(output) != 0) throw Poco::SystemException("pipe");
    _process =
        launch({"mariadbd", "--no-defaults", "--datadir=" + _folder, "--socket=" + _folder + "/socket", "--port=" + std::to_string(_port),
                "--bind-address=127.0.0.1", "--pid-file=" + _folder + "/pid", "--innodb-buffer-pool-size=16M",
                "--innodb-flush-log-at-trx-commit=0", "--skip-log-bin", "--lower-case-table-names=0", account()},
               output[1]);
    ::close(output[1]);
    FILE* const lines = ::fdopen(output[0], "r");
    std::string all;
    for (char line[1000]; std::fgets(line, sizeof line, lines);) {
      all += line;
      if (all.find("ready for connections") != all.npos) {
        _output = lines;
        return;
      }
    }
    std::fclose(lines);
    throw Poco::RuntimeException("mariadbd does not start", all);
  }
  /// An orderly end. Returns when it has ended.
  void stop() { end(SIGTERM); }
  void kill() { end(SIGKILL); }
  /// It hangs: connections stay, and nothing is answered.
  void freeze() {
    ::kill(_process, SIGSTOP);
    ::waitpid(_process, nullptr, WUNTRACED);  // all of its threads
  }
  void resume() {
    if (_process > 0) ::kill(_process, SIGCONT);
  }
  uint16_t port() const { return _port; }

 private:
  static std::string account() { return ::geteuid() == 0 ? "--user=root" : "--skip-external-locking"; }
  static uint16_t freePort() {
    const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    if (::bind(descriptor, reinterpret_cast<sockaddr*>(&address), length) != 0) throw Poco::SystemException("bind");
    ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length);
    ::close(descriptor);
    return ntohs(address.sin_port);
  }
  static pid_t launch(const std::vector<std::string>& command, int output) {
    const pid_t process = ::fork();
    if (process != 0) return process;
    ::dup2(output, 1);
    ::dup2(output, 2);
    std::vector<char*> arguments;
    for (const auto& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    ::execvp(arguments[0], arguments.data());
    std::perror(arguments[0]);
    ::_exit(127);
  }
  static void run(const std::vector<std::string>& command) {
    FILE* const output = std::tmpfile();
    int status = 0;
    ::waitpid(launch(command, ::fileno(output)), &status, 0);
    std::string text(4000, '\0');
    std::rewind(output);
    text.resize(std::fread(text.data(), 1, text.size(), output));
    std::fclose(output);
    if (status != 0) throw Poco::RuntimeException(command[0] + " failed (scripts/setup --test installs it)", text);
  }
  void end(int signal) {
    if (_process <= 0) return;
    ::kill(_process, signal);
    ::waitpid(_process, nullptr, 0);
    _process = 0;
    std::fclose(_output);
  }

  const std::string _folder;
  const uint16_t _port;
  pid_t _process = 0;
  FILE* _output = nullptr;  // kept open: it goes on writing
};

}  // namespace Patchbay::Testsuite
