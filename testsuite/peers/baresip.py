#!/usr/bin/env python3
"""The first call of README.md: two users are added, two baresip telephones (those of doc/first-call) register with their passwords and call
each other through the default configuration, each on a free port; a wrong password is refused. Then the gateway: closed to Alice, opened at
once by `acl grant`, closed at once by `acl revoke`."""
import os
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from callee import PatientCallee
from server import BUILD, SOURCE, Report, Server

DEFAULT = os.path.join(SOURCE, "conf", "patchbay.xml")
GATEWAY_ACCESS = os.path.join(SOURCE, "conf", "examples", "gateway-access.xml")
GATEWAY = f"127.{os.getpid() >> 16 & 63 | 64}.{os.getpid() >> 8 & 255}.{os.getpid() & 255 or 1}"  # of this run alone
PASSWORD = "first-call"
FIRST_CALL = os.path.join(SOURCE, "doc", "first-call")


class Telephone:
    """A baresip with a folder of its own. `typed` is what a person would type; `says` waits for what it answers."""

    def __init__(self, user, server_port, password=PASSWORD):
        self.user = user
        self.folder = tempfile.mkdtemp(prefix=f"patchbay-{user}-")
        for name in ("config", "accounts"):
            with open(os.path.join(FIRST_CALL, user, name), encoding="utf-8") as file:
                text = file.read()
            text = re.sub(r"(sip_listen\s+127\.0\.0\.1):\d+", r"\1:0", text).replace("@127.0.0.1>", f"@127.0.0.1:{server_port}>")
            text = text.replace(f"auth_pass={PASSWORD}", f"auth_pass={password}")
            with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
                file.write(text)
        self.output = ""
        self.read_to = 0
        self.process = subprocess.Popen(["baresip", "-f", self.folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT)

    def typed(self, text):
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def says(self, pattern, seconds=20):
        """Whether the pattern comes, after what was waited for before."""
        deadline = time.monotonic() + seconds
        while True:
            found = re.compile(pattern).search(self.output, self.read_to)
            if found:
                self.read_to = found.end()
                return True
            readable, _, _ = select.select([self.process.stdout], [], [], max(0.0, deadline - time.monotonic()))
            chunk = os.read(self.process.stdout.fileno(), 65536) if readable else b""
            if not chunk:
                return False
            self.output += chunk.decode(errors="replace")

    def quits(self):
        """Types q; the exit code, or None when it does not end."""
        self.typed("q")
        try:
            self.output += self.process.communicate(timeout=20)[0].decode(errors="replace")
            return self.process.returncode
        except subprocess.TimeoutExpired:
            return None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def patchctl(server, *words, given=""):
    """(exit code, output)"""
    done = subprocess.run([os.path.join(BUILD, "bin", "patchctl"), f"--data={server.data}", *words], input=given, text=True, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def add_users(server):
    for user in ("alice", "bob"):
        code, output = patchctl(server, "add", f"{user}@127.0.0.1", given=PASSWORD + "\n")
        report.check(f"{user} is added", code == 0, output)


def online(server):
    return "127.0.0.1" in patchctl(server, "online")[1]


def call(server, bob, alice):
    def check(name, good):
        report.check(name, good, f"alice:\n{alice.output}\nbob:\n{bob.output}\nserver:\n{''.join(server.output[-20:])}")

    for phone in (bob, alice):
        check(f"{phone.user} registers", phone.says(rf"{phone.user}@127\.0\.0\.1: \{{0/UDP/v4\}} 200 OK"))
    alice.typed(f"/dial sip:bob@127.0.0.1:{server.port}\n")
    check("bob's telephone answers", bob.says("Call established: sip:alice@127"))
    check("the call is established for alice", alice.says("Call established: sip:bob@127"))
    alice.typed("b")
    check("alice hangs up", alice.says("terminate call .* with sip:bob@127"))
    check("the call ends for bob", bob.says("sip:alice@127.*session closed"))

    alice.typed(f"/dial sip:nobody@127.0.0.1:{server.port}\n")
    check("a call to nobody is answered with 404", alice.says("404 Not Found"))

    for phone in (alice, bob):
        check(f"{phone.user}'s telephone ends cleanly", phone.quits() == 0)
    check("they have unregistered", not online(server))


def dials_out(server, alice, gateway):
    """A number behind the gateway, before and after the grant, and after it was taken back; one of another class all the while."""
    number = f"sip:0301234@127.0.0.1:{server.port}"

    def refused(when, dialled=number, why="No Local Calls"):
        alice.typed(f"/dial {dialled}\n")
        report.check(f"{when} her call is refused", alice.says(f"403 {why}"), alice.output)

    refused("before the grant")
    code, output = patchctl(server, "acl", "grant", "alice", "local")
    report.check("acl grant answers", code == 0 and "local" in output, output)
    alice.typed(f"/dial {number}\n")
    report.check("after the grant her call is answered", alice.says("Call established: sip:0301234@127"), alice.output)
    report.check("by the gateway", gateway.calls == [f"sip:0301234@{GATEWAY}:5060"], gateway.calls)
    alice.typed("b")
    report.check("and ends", alice.says("terminate call .* with sip:0301234@127"), alice.output)
    refused("of another class", f"sip:000491234@127.0.0.1:{server.port}", "No International Calls")
    code, output = patchctl(server, "acl", "revoke", "alice")
    report.check("acl revoke answers", code == 0, output)
    refused("after the revocation")
    report.check("nothing more came to the gateway", len(gateway.calls) == 1, gateway.calls)


report = Report()
with Server(DEFAULT, defines=["admin=127.0.0.1:0"]) as server:
    add_users(server)
    with Telephone("bob", server.port) as bob, Telephone("alice", server.port) as alice:
        call(server, bob, alice)
    with Telephone("bob", server.port, "guessed") as guesser:
        report.check("a wrong password is refused", guesser.says(r"reg: sip:bob@127\.0\.0\.1:\d+: 40[13]") and not online(server), guesser.output)
    report.check("the server ends cleanly on SIGTERM", server.stop() == 0)
with Server(GATEWAY_ACCESS, defines=["admin=127.0.0.1:0", "domain=127.0.0.1", f"gateway={GATEWAY}"]) as server:
    add_users(server)
    with PatientCallee(address=GATEWAY, port=5060) as gateway, Telephone("alice", server.port) as alice:
        report.check("alice registers", alice.says(r"200 OK"), alice.output)
        dials_out(server, alice, gateway)
        report.check("her telephone ends cleanly", alice.quits() == 0)
report.finish()
