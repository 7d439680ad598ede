#!/usr/bin/env python3
"""A name server that hangs, a real socket on loopback, and the real program: what needs it is answered within 5 s, everything else as fast as
before (case I05). Compares the latency of OPTIONS and of a relayed request during 5 s of silence with the second before."""
import os
import select
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from server import SOURCE, Client, Report, Server


class NameServer(threading.Thread):
    """Hangs until it is started: what it is asked stays in its socket. Then every name has the address 127.0.0.1 and nothing else."""

    def __init__(self):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]

    def unread(self):
        """Reads what it was asked while it hung; how many questions."""
        count = 0
        while select.select([self.socket], [], [], 0)[0]:
            self.socket.recv(4096)
            count += 1
        return count

    def run(self):
        while True:
            question, peer = self.socket.recvfrom(4096)
            if len(question) < 17:
                continue
            end = question.index(b"\0", 12) + 5
            found = question[end - 4:end - 2] == b"\0\1"
            head = question[:2] + b"\x81\x80\0\1\0" + bytes([found]) + b"\0\0\0\0" + question[12:end]
            self.socket.sendto(head + (b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x7f\0\0\1" if found else b""), peer)


class Telephone(threading.Thread):
    """Answers every request with 200."""

    def __init__(self):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]

    def run(self):
        while True:
            request, peer = self.socket.recvfrom(65536)
            lines = request.decode().split("\r\n")
            kept = [line for line in lines[1:] if line.split(":")[0] in ("Via", "From", "To", "Call-ID", "CSeq")]
            self.socket.sendto("\r\n".join(["SIP/2.0 200 OK"] + kept + ["Content-Length: 0", "", ""]).encode(), peer)


def measure(client, requests, seconds):
    """Sends requests in turn, each when the last is answered, for so long: the latencies in milliseconds, sorted, and how many got no 200."""
    latencies, lost, end = [], 0, time.monotonic() + seconds
    while time.monotonic() < end:
        for method, uri in requests:
            began = time.monotonic()
            client.send(client.request(method, uri, uri))
            answer = client.receive() or ""
            latencies.append((time.monotonic() - began) * 1000)
            lost += not answer.startswith("SIP/2.0 200")
        time.sleep(0.001)
    return sorted(latencies), lost


def percentile(sorted_values, share):
    return sorted_values[min(int(len(sorted_values) * share), len(sorted_values) - 1)]


report = Report()
dns, telephone = NameServer(), Telephone()
telephone.start()
config = os.path.join(SOURCE, "testsuite", "peers", "hanging-dns.xml")
with Server(config, defines=[f"name_server=127.0.0.1:{dns.port}"]) as server:
    client = Client(server.port)
    requests = [("OPTIONS", f"sip:127.0.0.1:{server.port}"), ("MESSAGE", f"sip:bob@127.0.0.1:{telephone.port}")]
    measure(client, requests, 0.3)  # warm
    before, lost_before = measure(client, requests, 1.5)

    asking = [Client(server.port, timeout=8.0) for _ in range(200)]
    began = time.monotonic()
    for number, one in enumerate(asking):
        uri = f"sip:bob@n{number}.hanging.test"
        one.send(one.request("MESSAGE", uri, uri))
    during, lost_during = measure(client, requests, 5.0)
    waited = []
    for one in asking:
        answer = one.receive() or ""
        while answer.startswith("SIP/2.0 100"):
            answer = one.receive() or ""
        waited.append(answer.split("\r\n")[0])
    ended = time.monotonic() - began

    asked = dns.unread()
    figures = (f"median {percentile(before, .5):.2f} -> {percentile(during, .5):.2f} ms, p99 {percentile(before, .99):.2f} -> "
               f"{percentile(during, .99):.2f} ms, longest {before[-1]:.2f} -> {during[-1]:.2f} ms, {len(before)} and {len(during)} requests, "
               f"{asked} questions unanswered")
    print(figures)
    report.check("the name server was asked", asked >= 200, figures)
    report.check("nothing of the others is lost", lost_before == 0 and lost_during == 0, f"{lost_before} and {lost_during}")
    # a worker that waited would wait for half a second at the least; the rest is the machine's noise
    report.check("the others' latency is as before", percentile(during, 0.99) < percentile(before, 0.99) * 3 + 20, figures)
    report.check("none of the others waited for the name server", during[-1] < 400, figures)
    report.check("who needs the name is told within 5 s", ended < 6 and all(s.startswith("SIP/2.0 500") for s in waited), f"{ended} {set(waited)}")

    dns.start()
    uri = f"sip:bob@later.hanging.test:{telephone.port}"
    client.send(client.request("MESSAGE", uri, uri))
    report.check("when it answers again the name is found", (client.receive() or "").startswith("SIP/2.0 200"))
report.finish()
