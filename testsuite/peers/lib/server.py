"""The real program on a port of its own and an empty data folder, for the tests with real peers."""
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

SOURCE = os.environ.get("PATCHBAY_SOURCE") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
BUILD = os.environ.get("PATCHBAY_BUILD") or os.path.join(SOURCE, "build")
SIPP = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "sipp")


def sanitized():
    """Whether the program is built with sanitizers."""
    with open(os.path.join(BUILD, "CMakeCache.txt"), encoding="utf-8") as cache:
        return bool(re.search(r"^PATCHBAY_SANITIZE:STRING=.+", cache.read(), re.MULTILINE))


class Server:
    """Starts on `with`; `port` is where it listens. Ends its own process only."""

    def __init__(self, config=None, data=None, defines=()):
        self.config = config or os.path.join(SOURCE, "testsuite", "open", "patchbay.xml")
        self.data = data or tempfile.mkdtemp(prefix="patchbay-test-")
        self.own_data = data is None
        self.defines = list(defines)
        self.port = 0
        self.output = []
        self.process = None

    def start(self, listen="udp:127.0.0.1:0"):
        command = [os.path.join(BUILD, "bin", "patchbay"), f"--config={self.config}", f"--define=data={self.data}",
                   f"--define=listen={listen}", "--define=admin=off"] + [f"--define={d}" for d in self.defines]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        deadline = time.monotonic() + 20
        for line in self.process.stdout:
            self.output.append(line)
            found = re.search(r"udp:127\.0\.0\.1:(\d+)", line)
            if found and not self.port:
                self.port = int(found.group(1))
            if line.strip().endswith("ready"):
                break
            if time.monotonic() > deadline:
                break
        else:
            raise RuntimeError("the server did not start:\n" + "".join(self.output))
        threading.Thread(target=self._drain, daemon=True).start()
        return self

    def _drain(self):
        for line in self.process.stdout:
            self.output.append(line)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        """SIGTERM; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(15)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self.process and self.process.poll() is None:
            try:
                self.stop()
            except subprocess.TimeoutExpired:
                self.kill()
        if self.own_data:
            shutil.rmtree(self.data, ignore_errors=True)


def free_port():
    """A port that nothing has at this moment, neither by UDP nor by TCP."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp:
            udp.bind(("127.0.0.1", 0))
            try:
                tcp.bind(udp.getsockname())
            except OSError:
                continue
            return udp.getsockname()[1]


class Client:
    """A UDP socket that speaks SIP as text."""

    def __init__(self, server_port, timeout=2.0):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(timeout)
        self.port = self.socket.getsockname()[1]
        self.server = ("127.0.0.1", server_port)
        self.serial = 0

    def request(self, method, uri, to, headers="", cseq=1, call_id=None):
        self.serial += 1
        call_id = call_id or f"{self.serial}-{self.port}"
        return (f"{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{self.port};rport;branch=z9hG4bK{self.port}-{self.serial}\r\n"
                f"Max-Forwards: 70\r\nFrom: <sip:tester@127.0.0.1>;tag={self.serial}\r\nTo: <{to}>\r\nCall-ID: {call_id}\r\n"
                f"CSeq: {cseq} {method}\r\n{headers}Content-Length: 0\r\n\r\n")

    def send(self, text):
        self.socket.sendto(text.encode(), self.server)

    def receive(self):
        """The next message, or None when none comes in time."""
        try:
            return self.socket.recv(65536).decode(errors="replace")
        except OSError:
            return None

    def register(self, user, expires=3600, contact=None, cseq=1, call_id=None):
        self.send(self.request("REGISTER", "sip:127.0.0.1", f"sip:{user}@127.0.0.1",
                               f"Contact: <{contact or f'sip:{user}@127.0.0.1:{self.port}'}>\r\nExpires: {expires}\r\n", cseq, call_id))
        return self.receive()

    def contacts(self, user):
        """What the server has for the user: the Contact lines of a query."""
        self.send(self.request("REGISTER", "sip:127.0.0.1", f"sip:{user}@127.0.0.1"))
        answer = self.receive() or ""
        return [line for line in answer.split("\r\n") if line.lower().startswith("contact:")]


class Report:
    """Counts checks and ends with the line that the test runner reads."""

    def __init__(self):
        self.passed = self.failed = 0

    def check(self, name, good, detail=""):
        if good:
            self.passed += 1
            print(f"passed: {name}")
        else:
            self.failed += 1
            print(f"FAILED: {name}\n{detail}")

    def finish(self):
        print(f"{self.passed} passed, {self.failed} failed")
        sys.exit(1 if self.failed or not self.passed else 0)


def sipp(scenario, port, *arguments, timeout=120):
    """Runs SIPp to its end: (exit code, output)."""
    command = ["sipp", f"127.0.0.1:{port}", "-sf", os.path.join(SIPP, scenario), "-i", "127.0.0.1", "-nostdin", "-trace_err", *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=timeout, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout[-4000:]


def sipp_started(scenario, port, *arguments):
    command = ["sipp", f"127.0.0.1:{port}", "-sf", os.path.join(SIPP, scenario), "-i", "127.0.0.1", "-nostdin", *arguments]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
