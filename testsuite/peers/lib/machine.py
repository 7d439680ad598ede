"""A machine below a temporary folder, on which Patchbay is installed: its paths, its ports, and what systemctl would do there."""
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

from server import BUILD, SOURCE

HERE = "127.0.0.1"
UNIT = "/usr/local/lib/systemd/system/patchbay.service"


def lasting_port():
    """Free by UDP and TCP, and none of those that the system gives to whoever asks for any: it is still free in a minute."""
    while True:
        port = random.randrange(10000, 32000)
        try:
            for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
                with socket.socket(socket.AF_INET, kind) as one:
                    one.bind((HERE, port))
            return port
        except OSError:
            pass


class Machine:
    """`adapt` makes what a document says true here; `told` is the way back, for what is printed here."""

    def __init__(self):
        self.root = tempfile.mkdtemp(prefix="patchbay-guide-")
        self.port, self.admin = lasting_port(), lasting_port()
        self.replaced = {"0.0.0.0:5060": f"{HERE}:{self.port}", "127.0.0.1:5060": f"{HERE}:{self.port}", "127.0.0.1:5088": f"{HERE}:{self.admin}",
                         "127.0.0.1:5070": f"{HERE}:0", "127.0.0.1:5062": f"{HERE}:0"}
        for folder in ("etc/patchbay", "var/lib", "var/backups", "run", "tmp", "home", "work"):
            os.makedirs(self.path("/" + folder))
        self.cwd = self.path("/work")
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("PATCHBAY_")}
        self.environment.update(HOME=self.path("/home"), PATH=self.path("/usr/local/bin") + ":" + os.environ["PATH"],
                                PATCHBAY_DATA=self.path("/var/lib/patchbay"))
        self.log = []
        self.process = None

    def path(self, path):
        return self.root + path

    def adapt(self, text):
        text = re.sub(r"(?<![\w.}/-])/(usr/local|etc|var|run|tmp)(?=[/\s\"')]|$)", lambda found: self.path(found.group(0)), self.told(text))
        for written, here in self.replaced.items():
            text = re.sub(rf"(?<![\d.]){re.escape(written)}(?!\d)", here, text)
        return text

    def told(self, text):
        return text.replace(self.root, "")

    def edit(self, path, change):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        with open(path, "w", encoding="utf-8") as file:
            file.write(change(text))

    def install(self):
        """As `make install` does."""
        done = subprocess.run(["cmake", "--install", BUILD, "--prefix", self.path("/usr/local")], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, check=False)
        folder = self.path("/usr/local/etc/patchbay")
        for name in [os.path.join(folder, "patchbay.xml")] + [os.path.join(folder, "examples", name) for name in os.listdir(folder + "/examples")]:
            self.edit(name, self.adapt)
        return done.returncode, done.stdout

    def run(self, command, given=""):
        """(exit code, what it printed)"""
        done = subprocess.run(["bash", "-c", self.adapt(command)], cwd=self.cwd, env=self.environment, input=given, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=120, check=False)
        return done.returncode, self.told(done.stdout)

    def start(self, command):
        """Returns when it is ready: whether it is."""
        self.process = subprocess.Popen(self.adapt(command).split(), cwd=self.cwd, env=self.environment, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True)
        self.log = []
        for line in self.process.stdout:
            self.log.append(line)
            if line.rstrip().endswith("ready"):
                threading.Thread(target=self.log.extend, args=(self.process.stdout,), daemon=True).start()
                return True
        return False

    def stop(self):
        """SIGTERM; the exit code."""
        process, self.process = self.process, None
        if not process:
            return 0
        process.send_signal(signal.SIGTERM)
        return process.wait(30)

    def systemctl(self, verb):
        """What the unit file says; whether it was done."""
        if verb in ("stop", "restart") and self.stop() != 0:
            return False
        if verb == "reload":
            command = self._unit("ExecReload").replace("$MAINPID", str(self.process.pid))
            return subprocess.run(command.split(), check=False).returncode == 0
        return verb == "stop" or self.start(self._unit("ExecStart"))

    def _unit(self, key):
        with open(self.path(UNIT), encoding="utf-8") as file:
            return re.search(rf"^{key}=(.*)$", file.read(), re.M).group(1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.root, ignore_errors=True)


class Tree(Machine):
    """A source tree that was built, with a configuration of its own."""

    def __init__(self):
        super().__init__()
        for name, target in (("build", BUILD), ("doc", os.path.join(SOURCE, "doc"))):
            os.symlink(target, os.path.join(self.cwd, name))
        shutil.copytree(os.path.join(SOURCE, "conf"), os.path.join(self.cwd, "conf"))
        self.edit(os.path.join(self.cwd, "conf/patchbay.xml"), self.adapt)
        self.environment["PATCHBAY_DATA"] = os.path.join(self.cwd, "var/patchbay")

    def told(self, text):
        return super().told(text).replace("/work/", "")


def until(what, seconds=30):
    """Whether it comes true."""
    deadline = time.monotonic() + seconds
    while not what():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
