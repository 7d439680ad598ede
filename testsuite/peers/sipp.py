#!/usr/bin/env python3
"""SIPp against the real program: registrations, a whole call, 2,000 calls at 200 a second without one failure."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from server import Client, Report, Server, free_port, sipp, sipp_started

report = Report()
with Server() as server:
    code, output = sipp("register.xml", server.port, "-p", str(free_port()), "-m", "500", "-r", "500")
    report.check("500 registrations get their 200", code == 0, output)
    callee_port = free_port()
    client = Client(server.port)
    answer = client.register("bob", contact=f"sip:bob@127.0.0.1:{callee_port}")
    report.check("the callee is registered", bool(answer) and answer.startswith("SIP/2.0 200"), str(answer))
    callee = sipp_started("callee.xml", server.port, "-p", str(callee_port))
    try:
        code, output = sipp("call.xml", server.port, "-p", str(free_port()), "-m", "1")
        report.check("a whole call goes through", code == 0, output)
        code, output = sipp("call.xml", server.port, "-p", str(free_port()), "-m", "2000", "-r", "200", "-l", "2000")
        report.check("2,000 calls at 200 a second, none fails", code == 0, output)
    finally:
        callee.kill()
        callee.wait()
    report.check("it ends cleanly on SIGTERM", server.stop() == 0, "".join(server.output[-20:]))
report.finish()
