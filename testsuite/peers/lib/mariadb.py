"""A MariaDB server of a test's own: data in a temporary folder, on a port of loopback. Nothing of the packaged service is used."""
import os
import shutil
import signal
import socket
import subprocess
import tempfile


def free_tcp_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Mariadb:
    """Running on `with`. Ends its own process only."""

    PASSWORD = "s/e:c@r%t"

    def __init__(self, database="kamailio"):
        self.database = database
        self.folder = tempfile.mkdtemp(prefix="patchbay-mariadb-")
        self.port = free_tcp_port()
        self.socket = os.path.join(self.folder, "socket")
        self.process = None
        self.account = ["--user=root"] if os.geteuid() == 0 else []
        done = subprocess.run(["mariadb-install-db", "--no-defaults", f"--datadir={self.folder}/data", "--auth-root-authentication-method=normal",
                               "--skip-test-db", *self.account], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            raise RuntimeError("mariadb-install-db failed (scripts/setup --test installs it):\n" + done.stdout)

    def __enter__(self):
        self.start()
        # as Kamailio's own tool makes it
        self.sql(f"CREATE DATABASE {self.database} CHARACTER SET latin1; CREATE USER joe@'%' IDENTIFIED BY '{self.PASSWORD}'; "
                 f"GRANT ALL ON {self.database}.* TO joe@'%'", database="mysql")
        return self

    def __exit__(self, *_):
        self.resume()
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self):
        """Returns when it takes connections."""
        self.process = subprocess.Popen(
            ["mariadbd", "--no-defaults", f"--datadir={self.folder}/data", f"--socket={self.socket}", f"--port={self.port}", "--bind-address=127.0.0.1",
             f"--pid-file={self.folder}/pid", "--innodb-buffer-pool-size=16M", "--skip-log-bin", *self.account],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            if "ready for connections" in line:
                return
        raise RuntimeError("mariadbd does not start")

    def stop(self, how=signal.SIGTERM):
        if self.process:
            self.process.send_signal(how)
            self.process.wait(30)
            self.process.stderr.close()
            self.process = None

    def freeze(self):
        """It hangs: connections stay, and nothing is answered."""
        self.process.send_signal(signal.SIGSTOP)
        os.waitpid(self.process.pid, os.WUNTRACED)  # all of its threads

    def resume(self):
        if self.process:
            self.process.send_signal(signal.SIGCONT)

    def sql(self, statements, database=None):
        """The rows of the last query, as lists of text."""
        done = subprocess.run(["mariadb", "--no-defaults", f"--socket={self.socket}", "-uroot", "-N", "-B", database or self.database], input=statements,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return [line.split("\t") for line in done.stdout.splitlines()]

    def number(self, query):
        return int(self.sql(query)[0][0])

    def url(self, options=""):
        password = self.PASSWORD.replace("%", "%25").replace("/", "%2F").replace(":", "%3A").replace("@", "%40")
        return f"mysql://joe:{password}@127.0.0.1:{self.port}/{self.database}{options}"
