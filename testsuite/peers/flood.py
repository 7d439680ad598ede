#!/usr/bin/env python3
"""Floods from many sources against the real program (cases H03, H05, H10, H11, H12): it stays alive, answers its administration, its
memory is bounded, and is given back afterwards (R10).

FLOOD_SECONDS: how long each one lasts; FLOOD_STORM: how often one message is repeated; FLOOD_ONLY: some of them by name, or `mixed`: all
kinds at the same time. The release size is 600 (mixed) and 1000000. FLOOD_PATIENCE: seconds for an answer; 0.5 on a machine that does nothing
else, here more, since other tests run beside it. FLOOD_T1: the server's T1; 50 ms where the floods are short.
"""
import multiprocessing
import os
import random
import re
import socket
import struct
import sys
import time
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from server import Client, Report, Server, free_port, sanitized

SECONDS = float(os.environ.get("FLOOD_SECONDS", "0.5"))
STORM = int(os.environ.get("FLOOD_STORM", "20000"))
ONLY = os.environ.get("FLOOD_ONLY", "")
PATIENCE = float(os.environ.get("FLOOD_PATIENCE", "3"))
T1 = float(os.environ.get("FLOOD_T1", "0.05" if SECONDS < 5 else "0.5"))
MOST_GROWTH = 256  # MiB
REST = 96  # seconds: R10's 64*T1, and the life of INVITEs that get their 408 and no ACK, twice that
EXPIRES = max(2, round(64 * T1))  # seconds that a flood's contacts live: what is registered for longer stays for longer
CACHES = 10  # MiB: SQLite's pages and the pages of the allocator that a live trail, record or counter lies in
KINDS = ("OPTIONS", "INVITE", "MESSAGE", "SUBSCRIBE", "NOTIFY", "REGISTER")
SOURCES = 200
STATELESS = ("CANCEL", "ACK", "BYE", "200")


def sources():
    """Sockets with random addresses of the loopback network."""
    made = []
    while len(made) < SOURCES:
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one.bind((f"127.{random.randrange(1, 255)}.{random.randrange(256)}.{random.randrange(1, 255)}", 0))
        one.setblocking(False)
        made.append(one)
    return made


def message(kind, serial, source, user):
    host, port = source.getsockname()
    method = "OPTIONS" if kind == "200" else kind
    first = "SIP/2.0 200 OK" if kind == "200" else f"{method} sip:{user}@127.0.0.1 SIP/2.0"
    tag = f";tag=t{serial}" if kind in ("ACK", "BYE", "200") else ""
    more = f"Contact: <sip:u{serial}@{host}:{port}>\r\n" if kind in ("REGISTER", "INVITE", "SUBSCRIBE") else ""
    more += f"Expires: {EXPIRES}\r\n" if kind == "REGISTER" else ""
    to = f"u{serial}" if kind == "REGISTER" else user
    return (f"{first}\r\nVia: SIP/2.0/UDP {host}:{port};rport;branch=z9hG4bK{serial}x{port}\r\nMax-Forwards: 70\r\nFrom: <sip:u{serial}@127.0.0.1>;tag=f{serial}\r\n"
            f"To: <sip:{to}@127.0.0.1>{tag}\r\nCall-ID: {serial}-{port}@{host}\r\nCSeq: 1 {method}\r\n{more}Content-Length: 0\r\n\r\n").encode()


def flood(kind, port, seconds, user, sent):
    """In a process of its own."""
    all_sources = sources()
    server, serial, end = ("127.0.0.1", port), random.randrange(1 << 40), time.monotonic() + seconds
    began = serial
    while time.monotonic() < end:
        for source in all_sources:
            serial += 1
            try:
                source.sendto(message(kind, serial, source, user), server)
            except OSError:
                pass
        if serial % 4096 < SOURCES:
            for source in all_sources:
                try:
                    while True:
                        source.recv(1)
                except OSError:
                    pass
    sent.value = serial - began


def storm(octets, local, port, count):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        one.bind(local)
        for _ in range(count):
            one.sendto(octets, ("127.0.0.1", port))


def connections(port, seconds, sent):
    """Connects, sends an INVITE and breaks off, again and again."""
    end, serial = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        serial += 1
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            try:
                one.connect(("127.0.0.1", port))
                one.send(message("INVITE", serial, one, "nobody").replace(b"SIP/2.0/UDP", b"SIP/2.0/TCP"))
            except OSError:
                pass
    sent.value = serial


class Watched(Server):
    def __init__(self):
        super().__init__(os.path.join(os.path.dirname(os.path.abspath(__file__)), "flood.xml"))
        self.admin = free_port()
        self.defines = [f"admin=127.0.0.1:{self.admin}", f"t1={T1 * 1000:.0f}ms", f"life={T1 * 64000:.0f}ms"]

    def ask(self, path):
        """(answer, seconds)"""
        began = time.monotonic()
        with urllib.request.urlopen(f"http://127.0.0.1:{self.admin}{path}", timeout=10) as answer:
            return answer.read().decode(), time.monotonic() - began

    def metric(self, name):
        return sum(float(value) for value in re.findall(rf"^patchbay_{name}(?:{{[^}}]*}})? (\S+)$", self.ask("/metrics")[0], re.M))

    def memory(self):
        """Resident, in MiB."""
        with open(f"/proc/{self.process.pid}/status") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1)) / 1024

    def cpu(self):
        """Seconds of all threads."""
        folder = f"/proc/{self.process.pid}/task"
        return sum(int(open(f"{folder}/{task}/schedstat").read().split()[0]) for task in os.listdir(folder)) / 1e9

    def alive(self):
        """Seconds until an OPTIONS is answered; None: not."""
        client = Client(self.port, PATIENCE)
        began = time.monotonic()
        client.send(client.request("OPTIONS", "sip:127.0.0.1", "sip:127.0.0.1"))
        answer = client.receive()
        client.socket.close()
        return time.monotonic() - began if answer and answer.startswith("SIP/2.0 200") else None


def under(server, report, name, process, sent):
    """Watches while the process runs. Returns what was received and the CPU time of it."""
    received, cpu, base = server.metric("transport_received_total"), server.cpu(), server.memory()
    most, slowest, queue, stamped = base, 0.0, 0.0, 0.0
    process.start()
    while process.is_alive():
        process.join(min(1.0, SECONDS / 3))
        most = max(most, server.memory())
        slowest = max(slowest, server.ask("/healthz")[1])
        stamped = max(stamped, server.metric("transport_stamped_sockets"))
        queue = max(queue, server.metric("transport_queueing_seconds"))
    alive = server.alive() or server.alive()
    received, cpu = server.metric("transport_received_total") - received, server.cpu() - cpu
    each = cpu / max(received, 1) * 1e6
    print(f"{name}: sent {sent.value}, received {received:.0f}, {each:.1f} us each; RSS {base:.0f} -> {most:.0f} -> {server.memory():.0f} MiB; "
          f"admin {slowest * 1000:.0f} ms; queue {queue * 1000:.0f} ms, stamped {stamped:.0f}; alive {alive and round(alive * 1000)} ms", flush=True)
    report.check(f"{name}: alive", alive is not None and server.process.poll() is None)
    report.check(f"{name}: the administration answers", slowest < max(1.0, PATIENCE), f"{slowest} s")
    report.check(f"{name}: memory is bounded", most - base < MOST_GROWTH, f"{base} -> {most} MiB")
    return received


def settled(server):
    """Waits until what the flood before has left in queues is dealt with."""
    before, now = None, ()
    while before != now:
        before = now
        time.sleep(0.2)
        now = [server.metric(name) for name in ("transport_received_total", "tm_transactions_total")]


def flooded(server, report, kind, user="nobody", name=None):
    settled(server)
    sent = multiprocessing.Value("q", 0)
    process = multiprocessing.Process(target=flood, args=(kind, server.port, SECONDS, user, sent))
    before = server.metric("tm_transactions_total")
    received = under(server, report, name or kind, process, sent)
    report.check(f"{name or kind}: the flood arrived", received > 100, f"{received}")
    if kind in STATELESS:  # H11
        report.check(f"{kind}: makes no state", server.metric("tm_transactions_total") == before)


def dead_target(server, report):
    """H05"""
    dead, carol = Client(server.port), Client(server.port, PATIENCE)
    dead.register("dead")
    carol.register("carol")
    before = server.metric("tm_transactions")
    flooded(server, report, "INVITE", "dead", "INVITE to a dead target")
    held, refused = server.metric("tm_transactions") - before, server.metric("tm_crowded_total")
    print(f"  transactions held {held:.0f}, refused {refused:.0f}")
    report.check("INVITE to a dead target: holds no more than its share", held <= 10100 and (refused > 0 or held < 10000), f"{held}")
    caller = Client(server.port, PATIENCE)
    caller.send(caller.request("MESSAGE", "sip:carol@127.0.0.1", "sip:carol@127.0.0.1"))
    report.check("INVITE to a dead target: others are reached", (carol.receive() or "").startswith("MESSAGE"))


def repeated(server, report):
    """H12"""
    bob = Client(server.port, PATIENCE)
    bob.register("bob")
    caller = Client(server.port, PATIENCE)
    octets = caller.request("INVITE", "sip:bob@127.0.0.1", "sip:bob@127.0.0.1").encode()
    caller.socket.sendto(octets, caller.server)
    first = bob.receive() or ""
    vias = [line for line in first.split("\r\n") if line.startswith("Via:")]
    bob.send("\r\n".join(["SIP/2.0 486 Busy Here"] + vias + [line for line in first.split("\r\n") if line.split(":")[0] in ("From", "Call-ID", "CSeq")]
                         + ["To: <sip:bob@127.0.0.1>;tag=b", "Content-Length: 0", "", ""]))
    while not (caller.receive() or "SIP/2.0 486").startswith("SIP/2.0 486"):
        pass
    local, made = caller.socket.getsockname(), server.metric("tm_transactions_total")
    absorbed, sent = server.metric("tm_absorbed_total"), multiprocessing.Value("q", STORM)
    caller.socket.close()
    under(server, report, "one message again and again", multiprocessing.Process(target=storm, args=(octets, local, server.port, STORM)), sent)
    absorbed = server.metric("tm_absorbed_total") - absorbed
    print(f"  absorbed {absorbed:.0f}")
    report.check("one message again and again: answered from its transaction", absorbed > STORM / (100 if sanitized() else 10), f"{absorbed}")
    report.check("one message again and again: no other transaction", server.metric("tm_transactions_total") == made)


def broken_connections(server, report):
    """H10"""
    port = int(re.search(r"tcp:127\.0\.0\.1:(\d+)", "".join(server.output)).group(1))
    sent = multiprocessing.Value("q", 0)
    under(server, report, "INVITE by connections that break", multiprocessing.Process(target=connections, args=(port, SECONDS, sent)), sent)
    deadline = time.monotonic() + 10
    while server.metric("transport_connections") and time.monotonic() < deadline:
        pass
    report.check("INVITE by connections that break: none is left", server.metric("transport_connections") == 0)


class Together:
    """Processes as if they were one."""

    def __init__(self, processes):
        self.processes = processes

    def start(self):
        for process in self.processes:
            process.start()

    def is_alive(self):
        return any(process.is_alive() for process in self.processes)

    def join(self, seconds):
        next((process for process in self.processes if process.is_alive()), self.processes[0]).join(seconds)


class Sum:
    def __init__(self, values):
        self.values = values

    @property
    def value(self):
        return sum(value.value for value in self.values)


def mixed(server, report):
    """H03: every kind at the same time."""
    dead = Client(server.port)
    dead.register("dead")
    port = int(re.search(r"tcp:127\.0\.0\.1:(\d+)", "".join(server.output)).group(1))
    floods = [(kind, "nobody") for kind in (*KINDS, *STATELESS)] + [("INVITE", "dead")]
    counts = [multiprocessing.Value("q", 0) for _ in range(len(floods) + 1)]
    processes = [multiprocessing.Process(target=flood, args=(kind, server.port, SECONDS, user, count))
                 for (kind, user), count in zip(floods, counts)]
    processes.append(multiprocessing.Process(target=connections, args=(port, SECONDS, counts[-1])))
    received = under(server, report, "all at the same time", Together(processes), Sum(counts))
    for (kind, user), count in zip(floods, counts):
        report.check(f"all at the same time: {kind} to {user} was sent", count.value > 100, f"{count.value}")
    report.check("all at the same time: the flood arrived", received > 100 * len(floods), f"{received}")


def warm(server):
    """What a server that is in use has in memory: the beginnings of its tables, the database's pages, the rings of trails."""
    client = Client(server.port, PATIENCE)
    for serial in range(60):
        for number in range(64):
            user = f"w{serial}-{number}"
            client.send(client.request("REGISTER", "sip:127.0.0.1", f"sip:{user}@127.0.0.1",
                                       f"Contact: <sip:{user}@127.0.0.1:{client.port}>\r\nExpires: {EXPIRES}\r\n"))
        for _ in range(64):
            client.receive()
    flood("OPTIONS", server.port, 0.5, "nobody", multiprocessing.Value("q", 0))
    settled(server)


def at_rest(server, report, base, most):
    """R10: what the floods took is given back."""
    began, rss = time.monotonic(), server.memory()
    while time.monotonic() < began + REST and (server.metric("tm_transactions") or rss > base * 1.1 + CACHES):
        time.sleep(0.5)
        rss = server.memory()
    contacts = server.metric("usrloc_contacts")
    print(f"after {time.monotonic() - began:.1f} s of rest: RSS {base:.1f} -> {most:.1f} -> {rss:.1f} MiB, contacts {contacts:.0f}, requests "
          f"{server.metric('core_requests_pooled'):.0f}; refused for load {server.metric('overload_refused_total'):.0f}, for memory "
          f"{server.metric('core_refused_total'):.0f}, discarded {server.metric('overload_discarded_total'):.0f}")
    report.check("at rest no transaction is left", server.metric("tm_transactions") == 0)
    if not sanitized():  # a sanitizer keeps what is freed
        report.check("at rest memory is given back", rss <= base * 1.1 + CACHES, f"{base} -> {rss} MiB, {contacts} contacts")


def main():
    report, server = Report(), Watched()
    try:
        server.start("udp:127.0.0.1:0, tcp:127.0.0.1:0")
        warm(server)
        base = server.memory()
        every = {kind: (lambda kind=kind: flooded(server, report, kind)) for kind in (*KINDS, *STATELESS)}
        every |= {"dead": lambda: dead_target(server, report), "repeated": lambda: repeated(server, report),
                  "connections": lambda: broken_connections(server, report)}
        if ONLY == "mixed":
            every = {"mixed": lambda: mixed(server, report)}
        most = base
        for name, run in every.items():
            if not ONLY or name in ONLY.split(","):
                run()
                most = max(most, server.memory())
        at_rest(server, report, base, most)
    finally:
        server.__exit__()
    report.finish()


if __name__ == "__main__":
    main()
