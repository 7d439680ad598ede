#!/usr/bin/env python3
"""Peers that connect, against the real program: SIPp by TCP, openssl, and TLS and WebSocket clients of Python's library.

PATCHBAY_SIZE=release makes it 1,000 TCP and 1,000 TLS connections instead of 100 (and wants `ulimit -n 8192`)."""
import os
import resource
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from admin import Admin
from server import SOURCE, Client, Report, Server, free_port, sanitized, sipp, sipp_started
from streams import Phone, WebPhone, answer_to, eventually, make_certificate, port_of

MANY = 1000 if os.environ.get("PATCHBAY_SIZE") == "release" else 100
LISTEN = ", ".join(f"{protocol}:127.0.0.1:0" for protocol in ("udp", "tcp", "tls", "ws", "wss"))
CONFIG = os.path.join(SOURCE, "testsuite", "peers", "streams.xml")
report = Report()


def memory_of(process):
    """Octets in memory."""
    with open(f"/proc/{process.pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def sipp_by_tcp(server):
    """B01, B20: whole calls, by one connection and by one each."""
    callee_port = free_port()
    client = Client(server.port)
    client.register("bob", contact=f"sip:bob@127.0.0.1:{callee_port};transport=tcp")
    callee = sipp_started("callee-connected.xml", server.port, "-p", str(callee_port), "-t", "t1")
    try:
        tcp = port_of(server, "tcp")
        code, output = sipp("call.xml", tcp, "-p", str(free_port()), "-t", "t1", "-m", "1000", "-r", "200", "-l", "1000")
        report.check("1,000 calls by one TCP connection to a TCP callee, none fails", code == 0, output)
        code, output = sipp("call.xml", tcp, "-p", str(free_port()), "-t", "tn", "-max_socket", "200", "-m", "200", "-r", "200", "-l", "200")
        report.check("200 calls, each by a TCP connection of its own, none fails", code == 0, output)
        code, output = sipp("call.xml", server.port, "-p", str(free_port()), "-m", "200", "-r", "100", "-l", "200")
        report.check("D10: 200 calls from UDP to TCP, none fails", code == 0, output)
    finally:
        callee.kill()
        callee.wait()


def many(server, kind, port, authority, caller_port):
    """Registered, called and hung up, each by the connection that it opened (R-sizes of B12)."""
    before = memory_of(server.process)
    phones = [Phone(port, authority=authority) for _ in range(MANY)]
    report.check(f"{MANY} {kind} connections register", all(phone.register(f"{kind}{i}") for i, phone in enumerate(phones)))
    after = memory_of(server.process)
    print(f"        memory a {kind} connection, registered: {(after - before) // MANY} octets")
    caller = Client(caller_port, timeout=5.0)  # one for all: another one's port, and so its branch, could come again too soon
    good = sum(called(caller, phone, f"{kind}{i}") for i, phone in enumerate(phones))
    report.check(f"all {MANY} are called by a UDP phone and hung up", good == MANY, f"{good} of {MANY}")
    for phone in phones:
        phone.close()


def called(caller, phone, user):
    """INVITE from a UDP phone, 200, ACK, BYE, over Record-Route."""
    call = caller.serial + 1
    caller.send(caller.request("INVITE", f"sip:{user}@127.0.0.1", f"sip:{user}@127.0.0.1", f"Contact: <sip:tester@127.0.0.1:{caller.port}>\r\n"))
    invite = phone.receive() or ""
    if not invite.startswith("INVITE"):
        return False
    contact = getattr(phone, "contact", f"sip:{user}@127.0.0.1:{phone.local};transport=tcp")
    phone.send(answer_to(invite, "200 OK", contact))
    answer = caller.receive() or ""
    while answer.startswith("SIP/2.0 1"):
        answer = caller.receive() or ""
    routes = [line.split(":", 1)[1].strip() for line in answer.split("\r\n") if line.lower().startswith("record-route:")]
    to = next(line for line in answer.split("\r\n") if line.lower().startswith("to:"))
    caller.send(in_dialog("ACK", caller, call, contact, routes, to))
    ack = phone.receive() or ""
    caller.send(in_dialog("BYE", caller, call, contact, routes, to))
    bye = phone.receive() or ""
    phone.send(answer_to(bye, "200 OK"))
    return ack.startswith("ACK") and bye.startswith("BYE") and (caller.receive() or "").startswith("SIP/2.0 200")


def in_dialog(method, caller, call, contact, routes, to):
    text = caller.request(method, contact, "sip:placeholder@127.0.0.1", "".join(f"Route: {route}\r\n" for route in reversed(routes)),
                          2 if method == "BYE" else 1, call_id=f"{call}-{caller.port}")
    lines = text.split("\r\n")
    return "\r\n".join(to if line.startswith("To:") else f"From: <sip:tester@127.0.0.1>;tag={call}" if line.startswith("From:") else line
                       for line in lines)


def openssl_client(server, authority):
    """B25: versions, and what openssl itself thinks of us."""
    port = port_of(server, "tls")

    def talks(*options):
        phone_text = ("OPTIONS sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TLS 127.0.0.1:9;rport;branch=z9hG4bKopenssl\r\nMax-Forwards: 70\r\n"
                      "From: <sip:a@127.0.0.1>;tag=1\r\nTo: <sip:127.0.0.1>\r\nCall-ID: o\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n")
        process = subprocess.Popen(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-CAfile", authority, "-verify_return_error", "-quiet",
                                    *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        process.stdin.write(phone_text.encode())
        process.stdin.flush()
        answer = process.stdout.readline()
        process.kill()
        process.communicate()
        return answer.startswith(b"SIP/2.0 200")

    report.check("openssl talks TLS 1.2", talks("-tls1_2"))
    report.check("openssl talks TLS 1.3", talks("-tls1_3"))
    report.check("B25: openssl is refused TLS 1.1", not talks("-tls1_1", "-cipher", "ALL:@SECLEVEL=0"))
    plain = Phone(port)
    plain.send(plain.request("OPTIONS"))
    report.check("B25: plain SIP on the TLS port is refused", plain.is_closed() and plain.receive() is None)


def browsers(server, authority):
    """B33, and RFC 7118 with a peer of another kind."""
    for kind, protocol, trusted in (("ws", "ws", None), ("wss", "wss", authority)):
        phone = WebPhone(port_of(server, protocol), authority=trusted)
        report.check(f"{kind}: the upgrade is taken", phone.upgraded)
        report.check(f"{kind}: a browser registers", phone.register(f"browser-{kind}"))
        report.check(f"{kind}: it is called by a UDP phone, which hangs up", called(Client(server.port, timeout=5.0), phone, f"browser-{kind}"))
        phone.close()


def hostile(server):
    """B07, B10, B11, B15 on real sockets; a UDP phone must not notice."""
    port = port_of(server, "tcp")
    slow = Phone(port)
    slow.send("OPT")
    endless = Phone(port)
    try:
        for _ in range(2000):
            endless.send("Subject: and so on and so on and so on\r\n")
    except OSError:
        pass
    report.check("B07: headers without end are closed", endless.is_closed())
    deaf = Phone(port)
    deaf.socket.settimeout(0.5)
    try:
        for _ in range(20000):
            deaf.send(deaf.request("OPTIONS"))
    except OSError:
        pass
    report.check("B11: who reads nothing holds nobody up", Phone(port).options())
    for _ in range(100):
        half = Phone(port)
        half.send("OPTIONS sip:127.0.0.1 SIP/2.0\r\n")
        half.socket.setsockopt(1, 13, b"\x01\x00\x00\x00\x00\x00\x00\x00")  # SO_LINGER: the close is a reset
        half.close()
    client = Client(server.port)
    client.send(client.request("OPTIONS", "sip:127.0.0.1", "sip:127.0.0.1"))
    report.check("B15: a hundred resets later UDP is answered", (client.receive() or "").startswith("SIP/2.0 200"))
    report.check("B10: who needs more than 4 s for a message is closed", slow.is_closed())


def without_descriptors(authority):
    """B13: RLIMIT_NOFILE is reached; UDP goes on, no busy loop, and all is well afterwards."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    server = Server(CONFIG, defines=[f"certificates={os.path.dirname(authority)}", "workers=1"])
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, limits[1]))
    try:
        server.start(LISTEN)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    try:
        port = port_of(server, "tcp")
        crowd = [Phone(port) for _ in range(100)]
        client = Client(server.port)

        def answered():
            client.send(client.request("OPTIONS", "sip:127.0.0.1", "sip:127.0.0.1"))
            return (client.receive() or "").startswith("SIP/2.0 200")

        report.check("B13: UDP is answered when no descriptor is left", answered())
        used = cpu_of(server.process)
        time.sleep(1)
        report.check("B13: no busy loop meanwhile", cpu_of(server.process) - used < 0.05, f"{cpu_of(server.process) - used} s in one")
        for phone in crowd:
            phone.close()
        report.check("B13: afterwards a new connection is answered", eventually(lambda: Phone(port, timeout=2.0).options()))
    finally:
        report.check("it ends cleanly", server.stop() == 0)


def told_by_its_connection(server):
    """REQ 40: a request of our own takes the connection that the telephone has opened."""
    phone = Phone(port_of(server, "tcp"))
    report.check("a telephone registers by TCP", phone.register("lamp"))
    answers = []
    asked = threading.Thread(target=lambda: answers.append(Admin(server).post("/cisco_restart", uri="lamp@127.0.0.1")))
    asked.start()
    notify = phone.receive() or ""
    report.check("the NOTIFY comes by its connection", notify.startswith("NOTIFY sip:lamp@") and "Event: check-sync\r\n" in notify, notify)
    phone.send(answer_to(notify, "202 Accepted"))
    asked.join()
    report.check("and its answer is told", answers[0][0] == 200 and answers[0][1][0]["code"] == 202, answers)
    phone.close()


def cpu_of(process):
    """Seconds of CPU."""
    with open(f"/proc/{process.pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main():
    server = Server(CONFIG)
    authority = make_certificate(server.data)
    server.defines = [f"certificates={server.data}", "admin=127.0.0.1:0"]
    server.start(LISTEN)
    try:
        sipp_by_tcp(server)
        many(server, "tcp", port_of(server, "tcp"), None, server.port)
        many(server, "tls", port_of(server, "tls"), authority, server.port)
        told_by_its_connection(server)
        openssl_client(server, authority)
        browsers(server, authority)
        hostile(server)
        if sanitized():
            print("left out: B13, the sanitizers themselves need descriptors to look at memory")
        else:
            without_descriptors(authority)
        report.check("it ends cleanly on SIGTERM", server.stop() == 0, "".join(server.output[-20:]))
    finally:
        server.__exit__()
    report.finish()


main()
