#!/usr/bin/env python3
"""Somebody else holds the database (case J07): changes get 503, look-ups and calls go on, /readyz says so, and it ends by itself."""
import os
import re
import sqlite3
import sys
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from server import Client, Report, Server

report = Report()


def readiness(server):
    address = re.search(r"http://[0-9.:]+", "".join(server.output)).group(0)
    with urllib.request.urlopen(address + "/readyz", timeout=5) as answer:
        return answer.status, answer.read().decode()


with Server(defines=["admin=127.0.0.1:0"]) as server:
    client = Client(server.port, timeout=5)
    report.check("a phone registers", client.register("joe").startswith("SIP/2.0 200"))
    other = sqlite3.connect(os.path.join(server.data, "patchbay.db"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    answer = client.register("ann")
    report.check("a change gets 503 with Retry-After", answer.startswith("SIP/2.0 503") and "\r\nRetry-After: " in answer, answer)
    report.check("a query is answered", len(client.contacts("joe")) == 1)
    status, text = readiness(server)
    report.check("/readyz stays 200 and says that the database takes no changes", status == 200 and "\ndatabase: degraded, takes no changes" in text, text)
    other.execute("ROLLBACK")
    answer = client.register("ann", cseq=2)  # waits for the commit, so it is over when this is answered
    for attempt in range(5):
        if answer.startswith("SIP/2.0 200"):
            break
        answer = client.register("ann", cseq=3 + attempt)
    report.check("then changes are taken again", answer.startswith("SIP/2.0 200"), answer)
    status, text = readiness(server)
    report.check("and /readyz says so", status == 200 and "\ndatabase: ready" in text, text)
report.finish()
