#!/usr/bin/env python3
"""kill -9 during registrations with db_mode 1: every registration that got its 200 is there after the restart (case J01)."""
import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from server import SOURCE, Client, Report, Server

ROUNDS = int(os.environ.get("KILL9_ROUNDS", "20"))
WINDOW = 64

report = Report()
config = os.path.join(SOURCE, "testsuite", "peers", "write-through.xml")
with Server(config) as server:
    acknowledged = {}  # user -> contact
    random.seed(9)
    for number in range(ROUNDS):
        client = Client(server.port, timeout=0.5)
        stop_after = random.randrange(50, 400)
        sent = answered = 0
        while answered < stop_after:
            while sent - answered < WINDOW:
                user, contact = f"r{number}u{sent}", f"sip:r{number}u{sent}@127.0.0.1:{client.port}"
                client.send(client.request("REGISTER", "sip:127.0.0.1", f"sip:{user}@127.0.0.1", f"Contact: <{contact}>\r\nExpires: 3600\r\n"))
                sent += 1
            answer = client.receive()
            if answer is None:
                break
            answered += 1
            if answer.startswith("SIP/2.0 200"):
                user = answer.split("To: <sip:")[1].split("@")[0]
                acknowledged[user] = f"sip:{user}@127.0.0.1:{client.port}"
        server.kill()
        while (answer := client.receive()) is not None:  # sent before the end
            if answer.startswith("SIP/2.0 200"):
                user = answer.split("To: <sip:")[1].split("@")[0]
                acknowledged[user] = f"sip:{user}@127.0.0.1:{client.port}"
        server.port = 0
        server.start()
        query = Client(server.port)
        sample = [user for user in acknowledged if user.startswith(f"r{number}u")] + random.sample(sorted(acknowledged), min(50, len(acknowledged)))
        lost = [user for user in sample if not any(acknowledged[user] in line for line in query.contacts(user))]
        report.check(f"round {number}: {len(sample)} acknowledged registrations are there", sample and not lost, f"lost: {lost[:10]} of {len(sample)}")
    query = Client(server.port)
    lost = [user for user in acknowledged if not any(acknowledged[user] in line for line in query.contacts(user))]
    report.check(f"at the end all {len(acknowledged)} are there", not lost, f"lost: {lost[:10]}")
report.finish()
