#!/usr/bin/env python3
"""Calls, registrations and one malformed message in a hundred, for long: memory is flat, and at the end no transaction, timer or descriptor
is left.

usage: soak.py [SECONDS [CALLS_A_SECOND]]     4 s at 50 unless told, with short timers; the release size is 1200 s at a third of what
                                              the machine sustains, with the timers of the standard
"""
import os
import random
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from server import SOURCE, Client, Report, free_port, sipp, sipp_started
from streams import eventually
from watched import Watched

CONFIG = os.path.join(os.path.dirname(os.path.abspath(__file__)), "soak.xml")
TORTURE = os.path.join(SOURCE, "testsuite", "torture", "rfc4475")
MESSAGES_A_CALL = 6


class Malformed(threading.Thread):
    """Sends what is broken at a steady rate: torture messages, and sound ones with an octet changed or an end cut off."""

    def __init__(self, port, rate, seconds):
        super().__init__(daemon=True)
        self.client, self.rate, self.seconds, self.sent = Client(port), rate, seconds, 0
        self.torture = [open(os.path.join(TORTURE, name), "rb").read() for name in sorted(os.listdir(TORTURE))]

    def broken(self, dice):
        if dice.random() < 0.3:
            return dice.choice(self.torture)
        text = bytearray(self.client.request(dice.choice(["INVITE", "OPTIONS", "BYE", "REGISTER"]), "sip:bob@127.0.0.1", "sip:bob@127.0.0.1").encode())
        if dice.random() < 0.5:
            return bytes(text[:dice.randrange(len(text))])
        text[dice.randrange(len(text))] = dice.randrange(256)
        return bytes(text)

    def run(self):
        dice, began = random.Random(4475), time.monotonic()
        while (now := time.monotonic() - began) < self.seconds:
            while self.sent < now * self.rate:
                self.client.socket.sendto(self.broken(dice), self.client.server)
                self.sent += 1
            time.sleep(0.05)


class Memory(threading.Thread):
    """Resident size and descriptors every second."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server, self.seen, self.descriptors, self.over = server, [], [], threading.Event()

    def run(self):
        while not self.over.wait(1):
            self.seen.append(self.server.memory())
            self.descriptors.append(self.server.descriptors())


def load(server, seconds, rate):
    """Runs it all; (calls' output or None when none failed, registrations' output or None)."""
    outcome = {}
    with open("users.csv", "w", encoding="ascii") as users:
        users.write("SEQUENTIAL\n" + "".join(f"u{number}\n" for number in range(2000)))

    def registrations():
        code, output = sipp("register-again.xml", server.port, "-inf", "users.csv", "-p", str(free_port()), "-m", str(int(seconds * rate)), "-r", str(rate), timeout=seconds + 120)
        outcome["registrations"] = None if code == 0 else output

    registering = threading.Thread(target=registrations)
    malformed = Malformed(server.port, rate * (MESSAGES_A_CALL + 1) / 100, seconds)
    registering.start()
    malformed.start()
    code, output = sipp("call.xml", server.port, "-p", str(free_port()), "-m", str(int(seconds * rate)), "-r", str(rate), "-l", str(rate * 30),
                        timeout=seconds + 120)
    registering.join()
    malformed.join()
    print(f"{int(seconds * rate)} calls, as many registrations, {malformed.sent} malformed messages")
    return None if code == 0 else output, outcome["registrations"]


def main():
    seconds, rate = (int(value) for value in (sys.argv[1:] + ["4", "50"][len(sys.argv) - 1:])[:2])
    timers = [] if len(sys.argv) > 1 else ["t1=50ms", "t4=500ms", "fr_timer=3200ms"]
    patience = 90 if len(sys.argv) > 1 else 15
    report = Report()
    with Watched(CONFIG, timers) as server:
        port = free_port()
        Client(server.port).register("bob", contact=f"sip:bob@127.0.0.1:{port}")
        callee = sipp_started("callee.xml", server.port, "-p", str(port))
        server.ask("/metrics")
        before = server.sockets()
        memory = Memory(server)
        memory.start()
        try:
            calls, registrations = load(server, seconds, rate)
        finally:
            callee.kill()
            callee.wait()
            memory.over.set()
        report.check("no call fails", calls is None, calls)
        report.check("no registration fails", registrations is None, registrations)
        report.check("no transaction is left", eventually(lambda: server.metric("tm_transactions") == 0, patience), server.metric("tm_transactions"))
        report.check("no timer is left", eventually(lambda: server.metric("tm_timers") == 0, patience), server.metric("tm_timers"))
        report.check("no socket is left", eventually(lambda: server.sockets() <= before, patience), f"{before} -> {server.sockets()}")
        early = memory.descriptors[len(memory.descriptors) // 4]  # the database's sessions have been opened by then
        report.check("no descriptor is left", server.descriptors() <= early, f"{early} -> {server.descriptors()}")
        seen = memory.seen
        print(f"RSS in MiB: {min(seen):.1f} at least, {max(seen):.1f} at most, {server.memory():.1f} at the end; each twentieth part: "
              + " ".join(f"{seen[i * len(seen) // 20]:.1f}" for i in range(20)))
        if seconds >= 600:  # the contacts' timestamps and a table that doubles are within a twentieth
            early, late = max(seen[len(seen) // 6:len(seen) // 3]), max(seen[-len(seen) // 6:])
            report.check("memory is flat after the first minutes", late <= early * 1.05 + 1, f"{early} -> {late} MiB")
        report.check("it ends cleanly on SIGTERM", server.stop() == 0, "".join(server.output[-20:]))
    report.finish()


main()
