#!/usr/bin/env python3
"""kill -9 during registrations, and a start on what is left (cases J01, J02, J03).

db_mode 1: every registration that got its 200 is there, and none that was taken away.
db_mode 2: the same, but for those of the last `journal_window` before the kill.

KILL9_ROUNDS and KILL9_BACK_ROUNDS: how many; KILL9_WINDOW: the window in milliseconds. The release size is 200, 200 and 100, on a
machine that does nothing else; here the window is wider, since other tests run beside this one.
"""
import os
import random
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from server import SOURCE, Client, Report, Server

ROUNDS = int(os.environ.get("KILL9_ROUNDS", "20"))
BACK_ROUNDS = int(os.environ.get("KILL9_BACK_ROUNDS", "8"))
WINDOW = int(os.environ.get("KILL9_WINDOW", "400")) / 1000
OUTSTANDING = 64
PACE = 1500  # requests a second in db_mode 2: the window is to be a part of the round
CONFIGURATIONS = os.path.join(SOURCE, "testsuite", "peers")


class Oracle:
    """What the client knows: for each user the contact that was acknowledged last, None when it was removed, and when it heard so."""

    def __init__(self):
        self.known = {}  # user -> (contact or None, time)
        self.unanswered = {}  # user -> requests

    def asks(self, user):
        self.unanswered[user] = self.unanswered.get(user, 0) + 1

    def forget_unanswered(self):
        """Nobody can know what became of those."""
        for user, count in self.unanswered.items():
            if count:
                self.known.pop(user, None)
        self.unanswered = {}

    def hear(self, answer, now):
        user = answer.split("To: <sip:")[1].split("@")[0]
        self.unanswered[user] -= 1
        if not answer.startswith("SIP/2.0 200"):
            return
        contacts = [line for line in answer.split("\r\n") if line.startswith("Contact:")]
        self.known[user] = (contacts[0].split("<")[1].split(">")[0] if contacts else None, now)

    def wrong(self, client, users, before):
        """Those whose state was heard before that time and is not there."""
        found = []
        for user in users:
            contact, heard = self.known[user]
            if heard >= before:
                continue
            lines = client.contacts(user)
            if (contact is None) != (not lines) or (contact and not any(contact in line for line in lines)):
                found.append((user, contact, lines, round(before - heard, 3)))
        return found


def load(client, oracle, number, stop_after, seconds):
    """Registers new users, every third one removes itself again, until so many have been answered, or for so long at a steady pace."""
    sent = answered = 0
    began = time.monotonic()
    while answered < stop_after if not seconds else time.monotonic() < began + seconds:
        if seconds and sent >= (time.monotonic() - began) * PACE:
            client.socket.settimeout(1 / PACE)
        while sent - answered < OUTSTANDING and (not seconds or sent < (time.monotonic() - began) * PACE):
            user = f"r{number}u{sent // 3 * 3 if sent % 3 == 2 else sent}"
            contact = f"<sip:{user}@127.0.0.1:{client.port}>\r\nExpires: {0 if sent % 3 == 2 else 3600}"
            client.send(client.request("REGISTER", "sip:127.0.0.1", f"sip:{user}@127.0.0.1", f"Contact: {contact}\r\n", sent + 1, f"{user}-{client.port}"))
            oracle.asks(user)
            sent += 1
        answer = client.receive()
        if answer is None:
            if seconds:
                continue
            break
        answered += 1
        oracle.hear(answer, time.monotonic())


def drain(client, oracle, killed):
    """What was sent before the end: heard later, but no later than the kill."""
    client.socket.settimeout(0.05)
    while (answer := client.receive()) is not None:
        oracle.hear(answer, killed)
    oracle.forget_unanswered()


def play(report, config, rounds, window, defines, title):
    oracle = Oracle()
    oldest = 0.0
    with Server(config, defines=defines) as server:
        for number in range(rounds):
            client = Client(server.port, timeout=0.5)
            load(client, oracle, number, random.randrange(50, 400), window * random.uniform(1.5, 3) if window > 0 else 0)
            killed = time.monotonic()
            server.kill()
            drain(client, oracle, killed)
            server.port = 0
            server.start()
            query = Client(server.port)
            mine = [user for user in oracle.known if user.startswith(f"r{number}u")]
            others = [user for user in oracle.known if not user.startswith(f"r{number}u")]
            young = oracle.wrong(query, mine, killed + 1)
            oldest = max([oldest] + [killed - oracle.known[user][1] for user, *_ in young])
            for user, *_ in young:  # what may be lost is no longer known
                if killed - oracle.known[user][1] <= window:
                    del oracle.known[user]
            wrong = [entry for entry in young if entry[0] in oracle.known]
            wrong += oracle.wrong(query, random.sample(others, min(50, len(others))), killed + 1)
            report.check(f"{title}, round {number}: {len(mine)} users, {len(young) - sum(entry in young for entry in wrong)} of them changed too late to be kept", mine and not wrong, f"wrong: {wrong[:5]} of {len(wrong)}")
        wrong = oracle.wrong(Client(server.port), list(oracle.known), killed + 1)
        report.check(f"{title}: at the end all {len(oracle.known)} are as acknowledged", not wrong, f"wrong: {wrong[:5]} of {len(wrong)}")
        print(f"{title}: the oldest change that was lost was {oldest * 1000:.0f} ms old, the window is {window * 1000:.0f} ms")


random.seed(9)
result = Report()
play(result, os.path.join(CONFIGURATIONS, "write-through.xml"), ROUNDS, -1, [], "db_mode 1")
back = os.path.join(CONFIGURATIONS, "write-back.xml")
milliseconds = f"window={WINDOW * 1000:.0f}ms"
play(result, back, (BACK_ROUNDS + 1) // 2, WINDOW, [milliseconds, "interval=1h"], "db_mode 2, journal only")
play(result, back, BACK_ROUNDS // 2, WINDOW, [milliseconds, "interval=50ms"], "db_mode 2, journal and database")
result.finish()
