#!/usr/bin/env python3
"""The list of trusted addresses in the real program (case G03): empty, changed and read again while requests come from who is listed and who
is not, with a wrong row, and closed when it is wrong from the start."""
import os
import socket
import sqlite3
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from admin import Admin
from server import Client, Report, Server

HERE = os.path.dirname(os.path.abspath(__file__))
RELOADS = 100
report = Report()


class Asking(threading.Thread):
    """OPTIONS from one address, one after the other."""

    def __init__(self, port, address):
        super().__init__(daemon=True)
        self.client = client_at(port, address)
        self.over = threading.Event()
        self.codes = {}

    def run(self):
        while not self.over.is_set():
            code = status(self.client)
            self.codes[code] = self.codes.get(code, 0) + 1

    def end(self):
        self.over.set()
        self.join()
        return self.codes


def client_at(port, address):
    client = Client(port)
    client.socket.close()
    client.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.socket.bind((address, 0))
    client.socket.settimeout(5)
    client.port = client.socket.getsockname()[1]
    return client


def status(client):
    client.send(client.request("OPTIONS", "sip:127.0.0.1", "sip:127.0.0.1"))
    return (client.receive() or "nothing!")[8:11]


def sql(server, statement):
    with sqlite3.connect(os.path.join(server.data, "patchbay.db"), timeout=10) as database:
        database.execute(statement)


WRONG = "INSERT INTO address (grp, ip_addr, mask, port) VALUES (2, 'no address', 32, 0)"
CONFIGURATION = {"config": os.path.join(HERE, "trusted.xml"), "defines": ["admin=127.0.0.1:0"]}

with Server(**CONFIGURATION) as server:
    admin = Admin(server)
    peer, stranger = client_at(server.port, "127.0.0.1"), client_at(server.port, "127.0.0.2")
    report.check("an empty list trusts nobody", status(peer) == "403")
    report.check("a network is added", admin.post("/addresses", network="127.0.0.1", group=2)[0] == 200)
    report.check("and counts at once, for nobody else", status(peer) == "200" and status(stranger) == "403")
    asking = [Asking(server.port, address) for address in ("127.0.0.1", "127.0.0.2", "127.0.0.1", "127.0.0.2")]
    for one in asking:
        one.start()
    good = bad = 0
    for i in range(RELOADS):
        sql(server, f"INSERT INTO address (grp, ip_addr, mask, port) VALUES (2, '192.0.2.{i}', 32, 0)")
        if i % 10 == 9:
            sql(server, WRONG)
            answer, body = admin.post("/addresses/reload")
            bad += answer == 409 and "no address" in str(body)
            sql(server, "DELETE FROM address WHERE ip_addr = 'no address'")
        else:
            good += admin.post("/addresses/reload")[0] == 200
    codes = [one.end() for one in asking]
    report.check("reloads under load", good == RELOADS * 9 // 10, good)
    report.check("a list with one wrong row is refused, and says which", bad == RELOADS // 10, bad)
    report.check("who is listed is trusted all the time", set(codes[0]) == {"200"} and set(codes[2]) == {"200"}, codes)
    report.check("who is not is never", set(codes[1]) == {"403"} and set(codes[3]) == {"403"}, codes)
    rows = admin.get("/addresses")[1]["addresses"]
    identity = next(row["id"] for row in rows if row["network"].startswith("127.0.0.1"))
    report.check("a network is removed", admin.delete(f"/addresses/{identity}")[0] == 200 and status(peer) == "403")
    admin.post("/addresses", network="127.0.0.1", group=2)
    report.check("and comes back", status(peer) == "200")
    sql(server, WRONG)
    data = server.data
    server.stop()
    with Server(data=data, **CONFIGURATION) as again:
        report.check("a start with a wrong row trusts nobody", status(client_at(again.port, "127.0.0.1")) == "403")
        sql(again, "DELETE FROM address WHERE ip_addr = 'no address'")
        report.check("until it is mended", Admin(again).post("/addresses/reload")[0] == 200 and status(client_at(again.port, "127.0.0.1")) == "200")
report.finish()
