#!/usr/bin/env python3
"""sipsak as operators use it: ping, trace, registrations, a flood, noise (requirements 7 and 8)."""
import contextlib
import os
import socket
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from callee import PatientCallee
from server import Client, Report, Server


def sipsak(*arguments):
    """(exit code, output)"""
    done = subprocess.run(["sipsak", *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout.decode(errors="replace")


def short_port():
    """sipsak 0.9.8 cuts the fifth digit off a port."""
    for port in range(5100, 10000):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            try:
                s.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass
    raise RuntimeError("no port below 10000 is free")


report = Report()
with PatientCallee() as bob, contextlib.closing(Server()) as server:
    server.start(f"udp:127.0.0.1:{short_port()}")
    here, somebody = f"127.0.0.1:{server.port}", f"sip:ping@127.0.0.1:{server.port}"
    report.check("the callee is registered", "200 OK" in (Client(server.port).register("bob", contact=f"sip:bob@127.0.0.1:{bob.port}") or ""))

    code, output = sipsak("-vv", "-s", f"sip:bob@{here}")
    report.check("a ping reaches the callee", code == 0 and "200 OK" in output, output)
    code, output = sipsak("-vv", "-s", somebody)
    report.check("a ping for nobody is answered by the server", code == 1 and "404 Not Found" in output, output)
    code, output = sipsak("-T", "-s", f"sip:bob@{here}")
    report.check("a trace shows the server, then the callee", code == 0 and output.index("483 Too Many Hops") < output.index("200 OK"), output)

    code, output = sipsak("-U", "-v", "-C", "sip:al@127.0.0.1:5555", "-x", "60", "-s", f"sip:al@{here}")
    report.check("it registers", code == 0 and "completed successful" in output, output)
    report.check("the contact is there", len(Client(server.port).contacts("al")) == 1)
    code, output = sipsak("-U", "-C", "star", "-x", "0", "-s", f"sip:al@{here}")
    report.check("it removes all", code == 0 and not Client(server.port).contacts("al"), output)

    code, output = sipsak("-F", "-e", "2000", "-s", f"sip:bob@{here}")
    report.check("a flood of 2,000 requests is sent", code == 0 and "flood end reached" in output, output)
    sipsak("-R", "-t", "100", "-s", f"sip:bob@{here}")  # what cannot be read gets no answer, which it counts as its end
    code, output = sipsak("-vv", "-s", f"sip:bob@{here}")
    report.check("after flood and noise a ping is answered", code == 0 and "200 OK" in output, output)
report.finish()
