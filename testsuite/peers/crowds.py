#!/usr/bin/env python3
"""Crowds of connections against the real program (cases B10, B12, B24, R11): slow ones, idle ones, handshakes. Those who mean it must not
notice."""
import os
import resource
import select
import socket
import ssl
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from server import SOURCE, Client, Report, Server, sanitized
from streams import Phone, make_certificate, port_of

CONFIG = os.path.join(SOURCE, "testsuite", "peers", "streams.xml")
HARD = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
IDLE = 1000 if sanitized() else min(10000, HARD - 1000)
SLOW = 200 if sanitized() else min(2000, HARD - 1000)
RATE = 50  # handshakes a second
BUDGET = 32768  # octets of memory for an idle connection
SLOWEST = 10.0 if sanitized() else 1.0  # seconds for an answer, while other tests run beside this one
report = Report()


def connected(port, count):
    """So many connections, no more than 1,500 from one address."""
    made = []
    for serial in range(count):
        one = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        one.bind((f"127.0.1.{1 + serial // 1500}", 0))
        one.connect(("127.0.0.1", port))
        made.append(one)
    return made


def memory_of(process):
    with open(f"/proc/{process.pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def ended(sockets, seconds):
    """Those that the server has ended within the time; it sends nothing else. Asks once more when all are."""
    poll, left, gone = select.poll(), {one.fileno(): one for one in sockets}, []
    for descriptor in left:
        poll.register(descriptor, select.POLLIN | select.POLLHUP)
    deadline = time.monotonic() + seconds
    while left and time.monotonic() < deadline:
        for descriptor, _ in poll.poll(max(0, deadline - time.monotonic()) * 1000):
            poll.unregister(descriptor)
            gone.append(left.pop(descriptor))
    return gone


class Asking(threading.Thread):
    """Asks with OPTIONS, one behind the other, until it is told to stop."""

    def __init__(self, ask):
        super().__init__()
        self.ask, self.times, self.missed, self.ending = ask, [], 0, False

    def run(self):
        while not self.ending:
            began = time.monotonic()
            if self.ask():
                self.times.append(time.monotonic() - began)
            else:
                self.missed += 1
            time.sleep(0.002)

    def stop(self):
        self.ending = True
        self.join()
        ordered = sorted(self.times)
        return ordered[len(ordered) * 99 // 100] if ordered else float("inf")


def udp_asker(server):
    client = Client(server.port, SLOWEST)

    def ask():
        client.send(client.request("OPTIONS", "sip:127.0.0.1", "sip:127.0.0.1"))
        return (client.receive() or "").startswith("SIP/2.0 200")
    return ask


def asked(ask, work):
    """What the work gives, and how long answers took at most (99 of 100) before and meanwhile; how many did not come."""
    before = Asking(ask)
    before.start()
    time.sleep(0.5)
    usual = before.stop()
    during = Asking(ask)
    during.start()
    try:
        given = work()
    finally:
        p99 = during.stop()
    print(f"        99 of 100 answers took {usual * 1000:.1f} ms before, {p99 * 1000:.1f} ms meanwhile ({len(during.times)} answers)")
    return given, during


def slow(server):
    """B10: each sends an octet at once and one after 2 s, and is ended 4 s after the first one."""
    def crowd():
        began = time.monotonic()
        sockets = connected(port_of(server, "tcp"), SLOW)
        for one in sockets:
            one.send(b"O")
        early = ended(sockets, max(0.0, began + 2 - time.monotonic()))
        for one in sockets:
            one.send(b"P")
        gone = ended(sockets, 4 + SLOWEST)
        for one in sockets:
            one.close()
        return len(early), len(gone)

    (early, gone), asking = asked(udp_asker(server), crowd)
    report.check(f"B10: {SLOW} who send an octet at a time are ended when their message takes 4 s", early == 0 and gone == SLOW, f"{early}, {gone}")
    report.check("B10: meanwhile UDP is answered", asking.missed == 0 and len(asking.times) > 100, f"{asking.missed} of {len(asking.times)} not")


def idle(authority):
    """B12: as many as there may be."""
    server = Server(CONFIG, defines=[f"certificates={os.path.dirname(authority)}", f"max_connections={IDLE}", "idle_timeout=1s"])
    server.start("udp:127.0.0.1:0, tcp:127.0.0.1:0")
    try:
        port = port_of(server, "tcp")
        before = memory_of(server.process)
        sockets = connected(port, IDLE)
        for one in sockets:
            one.send(b"\r\n\r\n")
        sockets[-1].settimeout(10)
        report.check("B12: the last one's keep-alive is answered", sockets[-1].recv(4) == b"\r\n")
        each = (memory_of(server.process) - before) / IDLE
        print(f"        memory of an idle connection: {each:.0f} octets")
        report.check("B12: an idle connection is within its budget of memory", sanitized() or each < BUDGET, f"{each}")
        for one in sockets[:-1]:
            one.recv(4)
        report.check(f"B12: {IDLE} connections stay open", not ended(sockets, 1.2))
        report.check("B12: a new one gets in", Phone(port).options())
        gone = ended(sockets, 0.5)
        report.check("B12: and one of the silent ones had to go", len(gone) == 1, f"{len(gone)}")
        for one in sockets:
            one.close()
    finally:
        report.check("B12: it ends cleanly", server.stop() == 0)


def handshakes(authority):
    """B24: more of them than there may be."""
    server = Server(CONFIG, defines=[f"certificates={os.path.dirname(authority)}", f"handshake_rate={RATE}"])
    server.start("udp:127.0.0.1:0, tls:127.0.0.1:0")
    try:
        port, seconds = port_of(server, "tls"), 2.0
        phone = Phone(port, authority=authority)
        made, context = [], ssl.create_default_context(cafile=authority)

        def knock(until):
            while time.monotonic() < until:
                try:
                    with socket.create_connection(("127.0.0.1", port), 1.0) as one:
                        one.settimeout(max(0.01, until - time.monotonic()))
                        with context.wrap_socket(one, server_hostname="127.0.0.1"):
                            made.append(1)
                except OSError:
                    pass

        def crowd():
            until = time.monotonic() + seconds
            threads = [threading.Thread(target=knock, args=(until,)) for _ in range(50)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            return len(made)

        count, asking = asked(phone.options, crowd)
        report.check("B24: no more handshakes than the rate", 0 < count <= RATE * seconds * 1.5 + RATE, f"{count}")
        report.check("B24: who is connected is answered", asking.missed == 0 and len(asking.times) > 50, f"{asking.missed} of {len(asking.times)} not")
        report.check("B24: no answer takes long", max(asking.times, default=99) < SLOWEST, f"{max(asking.times, default=99)} s")
        again = Phone(port, authority=authority)
        report.check("B24: afterwards a new one gets in", again.options())
    finally:
        report.check("B24: it ends cleanly", server.stop() == 0)


def main():
    resource.setrlimit(resource.RLIMIT_NOFILE, (HARD, HARD))
    server = Server(CONFIG)
    authority = make_certificate(server.data)
    server.defines = [f"certificates={server.data}"]
    server.start("udp:127.0.0.1:0, tcp:127.0.0.1:0")
    try:
        slow(server)
        idle(authority)
        handshakes(authority)
        report.check("it ends cleanly on SIGTERM", server.stop() == 0, "".join(server.output[-20:]))
    finally:
        server.__exit__()
    report.finish()


main()
