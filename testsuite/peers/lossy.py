#!/usr/bin/env python3
"""SIPp through a network that loses 5 % of all datagrams, on the caller's and on the callee's side: no call fails.

usage: lossy.py [CALLS [RATE]]     300 calls at 60 a second unless told; the release size is 5000 at 100
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from callee import PatientCallee
from relay import LossyRelay
from server import SIPP, Client, Report, Server, free_port, sipp

# A provisional reply to a copy of the INVITE may cross the 200, which comes by another worker; SIPp would give the call up. What is missing
# still ends it, by the time-outs of call.xml.
TOLERANT = ["-default_behaviors", "all,-abortunexp"]
PAUSE = '  <pause milliseconds="8000"/>\n'


def patient_call():
    """SIPp's caller with a pause before its BYE: a copy of the 200 (its ACK was lost) would end the repetition of the BYE."""
    with open(os.path.join(SIPP, "call.xml"), encoding="utf-8") as text:
        before, acknowledged, bye = text.read().partition("CSeq: 1 ACK")
    head, end, rest = bye.partition("]]></send>\n")
    with open("patient-call.xml", "w", encoding="utf-8") as out:
        out.write(before + acknowledged + head + end + PAUSE + rest)
    return os.path.abspath("patient-call.xml")


calls, rate = (sys.argv[1:] + ["300", "60"][len(sys.argv) - 1:])[:2]
report = Report()
with PatientCallee() as callee, LossyRelay(callee.port, 0.05, 2) as callee_side, Server() as server, \
        LossyRelay(server.port, 0.05, 1) as caller_side:
    callee.contact_port = callee_side.port
    answer = Client(server.port).register("bob", contact=f"sip:bob@127.0.0.1:{callee_side.port}")
    report.check("the callee is registered", bool(answer) and answer.startswith("SIP/2.0 200"), str(answer))
    code, output = sipp(patient_call(), caller_side.port, "-p", str(free_port()), "-m", calls, "-r", rate, "-l", calls, *TOLERANT, timeout=900)
    report.check(f"{calls} calls at {rate} a second, none fails", code == 0, output)
    for side, relay in (("caller", caller_side), ("callee", callee_side)):
        report.check(f"datagrams were lost on the {side}'s side", relay.lost > relay.passed / 40, f"{relay.lost} of {relay.passed + relay.lost}")
        print(f"{side}'s side: {relay.lost} of {relay.passed + relay.lost} datagrams lost")
report.finish()
