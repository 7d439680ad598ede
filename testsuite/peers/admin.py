#!/usr/bin/env python3
"""The admin endpoint of the real program (cases G40, G41, G43, F25): tokens, operations, the audit trail, metrics that promtool takes, and
limits that hold while SIP goes on."""
import os
import resource
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from admin import Admin
from server import Client, Report, Server

report = Report()
ADMIN = ["admin=127.0.0.1:0"]


def access(server):
    admin = Admin(server)
    for name in ("admin.token", "tokens"):
        mode = os.stat(os.path.join(server.data, name)).st_mode & 0o777
        report.check(f"{name} is for its owner only", mode == 0o600, oct(mode))
    report.check("the start says where the token is", os.path.join(server.data, "admin.token") in "".join(server.output), "".join(server.output))
    stranger = Admin(server, token="")
    status, body = stranger.get("/version")
    report.check("without a token: 401, which says what to do", status == 401 and "admin.token" in body["error"], body)
    status, body = Admin(server, token="pb_0").get("/rules")
    report.check("with a wrong one: 401", status == 401, body)
    report.check("it listens on loopback only", admin.url.startswith("http://127.0.0.1:"), admin.url)
    for wrong, arguments in (("GET", None), ("PUT", {}), ("DELETE", None)):
        status, body = admin.ask(wrong, "/api/v1/configuration/reload", arguments)
        report.check(f"{wrong} reloads nothing: 405", status == 405, body)
    status, body = admin.ask("POST", "/api/v1/configuration/reload", {}, {"Origin": "http://evil.example"})
    report.check("nor does a page of another site: 403", status == 403, body)
    with open(f"/proc/{server.process.pid}/limits", encoding="ascii") as limits:
        core = next(line for line in limits if line.startswith("Max core file size")).split()
    report.check("a crash leaves no passwords in a dump (F25)", core[4] in ("0", "1"), core)
    status, made = admin.post("/tokens", name="eve", role="read")
    reader = Admin(server, token=made["token"])
    report.check("a reader reads", reader.get("/version")[0] == 200)
    report.check("and changes nothing", reader.post("/tokens", name="me", role="admin")[0] == 403)
    return admin


def operations(server, admin):
    client = Client(server.port)
    client.register("joe")
    status, rules = admin.get("/rules", pipeline="request")
    hits = {rule["rule"]: rule["hits"] for rule in rules}
    report.check("rules have hits and places", hits.get("registration") == 1 and ":" in rules[0]["place"], rules)
    timed = {rule["rule"]: (rule["timed"], rule["mean_us"]) for rule in rules}
    report.check("the first run of a worker is timed", timed["registration"][0] == 1 and 0 < timed["registration"][1] < 1e6, rules)
    report.check("a rule that no timed run came to has no time", (0, None) in timed.values(), rules)
    status, workers = admin.get("/workers")
    report.check("each worker answers", status == 200 and workers and all(w["alive"] for w in workers), workers)
    status, threads = admin.get("/threads")
    report.check("threads have names", any(t["name"].startswith("worker-") for t in threads), threads)
    status, rows = admin.get("/statistics", prefix="registrar_")
    report.check("statistics are filtered", {row["name"] for row in rows} >= {"registrar_accepted_total"} and len(rows) < 10, rows)
    status, bundles = admin.get("/bundles")
    report.check("bundles are listed", "tm" in [b["bundle"] for b in bundles], bundles)
    status, document = admin.get("/openapi.json")
    report.check("there is an OpenAPI document", document["openapi"].startswith("3.0") and "/rules" in document["paths"], list(document)[:5])


def audit(server, admin):
    """G43: who, from where, what, with which result."""
    admin.delete("/tokens/eve")
    text = ""
    for _ in range(50):
        text = "".join(server.output)
        if "token.rm" in text:
            break
        threading.Event().wait(0.1)  # the log has a thread of its own
    line = next((one for one in text.splitlines() if "audit: token.rm" in one), "")
    report.check("a change leaves a line", "by=admin" in line and "from=127.0.0.1:" in line and "status=200" in line and "name=eve" in line, text)
    report.check("no line shows a token", admin.token not in text)


def metrics(admin):
    status, text = admin.ask("GET", "/metrics")
    try:
        checked = subprocess.run(["promtool", "check", "metrics"], input=text, text=True, capture_output=True, timeout=60)
        report.check("promtool takes the metrics", checked.returncode == 0, checked.stdout + checked.stderr)
    except FileNotFoundError:
        report.check("promtool is installed (scripts/setup --test)", False)


def oversized(server, admin):
    """G41: sizes that no operator sends. What is refused before it is read may end in a reset."""
    address = admin.url.split("//")[1].rsplit(":", 1)
    head = f"Host: x\r\nAuthorization: Bearer {admin.token}\r\nContent-Type: application/json\r\n"
    many = "&".join(f"p{i}=1" for i in range(1000000))
    for name, line, more, body in (("a body of 10 MB", "POST /api/v1/tokens", "Content-Length: 10485760\r\n", b" " * 10485760),
                                   ("a body of 10 MB without a length", "POST /api/v1/tokens", "Transfer-Encoding: chunked\r\n", b"a00000\r\n" + b" " * 10485760 + b"\r\n0\r\n\r\n"),
                                   ("a million parameters", f"GET /api/v1/rules?{many}", "", b""),
                                   ("a million parameters in a body", "POST /api/v1/tokens", f"Content-Length: {len(many)}\r\n", many.encode()),
                                   ("a header of 1 MB", "GET /api/v1/version", "X: " + "x" * 1000000 + "\r\n", b"")):
        reply = b""
        with socket.create_connection((address[0], int(address[1])), 10) as one:
            try:
                one.sendall(f"{line} HTTP/1.1\r\n{head}{more}\r\n".encode() + body)
            except OSError:
                pass
            try:
                reply = one.recv(100)
            except OSError:
                pass
        report.check(f"{name} is refused", reply == b"" or reply.split()[1][:1] == b"4", reply)
    report.check("and asked for in vain", len(admin.get("/tokens")[1]) == 1, admin.get("/tokens"))
    report.check("memory has not grown by it", resident(server) < 512 << 20, resident(server))


def resident(server):
    with open(f"/proc/{server.process.pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def slow_clients(server, admin):
    """G41: a thousand clients that send nothing more, and SIP goes on."""
    address = admin.url.split("//")[1].rsplit(":", 1)
    slow = []
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 2048)), hard))
    for _ in range(1000):
        try:
            one = socket.create_connection((address[0], int(address[1])), 2)
            one.sendall(b"POST /api/v1/tokens HTTP/1.1\r\nContent-Length: 60000\r\n")
            slow.append(one)
        except OSError:
            break
    client = Client(server.port)
    worst = 0.0
    for _ in range(100):
        before = time.monotonic()
        client.send(client.request("OPTIONS", "sip:127.0.0.1", "sip:127.0.0.1"))
        if client.receive() is None:
            worst = 99
            break
        worst = max(worst, time.monotonic() - before)
    report.check("they all come", len(slow) == 1000, len(slow))
    report.check("SIP does not notice", worst < 0.25, f"{worst:.3f} s")
    for one in slow:
        one.close()
    report.check("and the endpoint answers again", admin.get("/version")[0] == 200)


with Server(defines=ADMIN) as server:
    admin = access(server)
    operations(server, admin)
    audit(server, admin)
    metrics(admin)
    oversized(server, admin)
    slow_clients(server, admin)
    first = admin.token
    data = server.data
    server.stop()
    with Server(data=data, defines=ADMIN) as again:
        report.check("tokens live over a restart", Admin(again).token == first and Admin(again).get("/version")[0] == 200)
report.finish()
