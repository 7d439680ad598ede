#!/usr/bin/env python3
"""MariaDB under the real program: the database of a Kamailio serves as it is; stopped and frozen under load it holds up no call, and
everything is written once when it is back (cases J05, J06, J08, J09).

MARIADB_SECONDS: how long it is away each time, MARIADB_RATE: registrations a second, and two calls for each five of them; the release
sizes are 60 and 500.
"""
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kamailio_tables import TABLES
from mariadb import Mariadb
from server import BUILD, SOURCE, Client, Report, Server, free_port, sanitized, sipp, sipp_started

SECONDS = int(os.environ.get("MARIADB_SECONDS", "3"))
RATE = int(os.environ.get("MARIADB_RATE", "100"))  # registrations a second
CALLS = RATE * 2 // 5
LONGEST_TURN = 0.020  # seconds that a worker may compute, or be held up, at one go
CONFIGURATION = os.path.join(SOURCE, "testsuite", "peers", "mariadb.xml")
# What somebody has in it.
ROWS = """
INSERT INTO subscriber (username, domain, ha1) VALUES ('joe', '127.0.0.1', '0123456789abcdef0123456789abcdef');
INSERT INTO grp (username, domain, grp) VALUES ('tester', '127.0.0.1', 'gateway');
INSERT INTO domain (domain, did) VALUES ('Example.ORG', NULL);
INSERT INTO address (grp, ip_addr, mask) VALUES (2, '127.0.0.0', 8);
INSERT INTO location (ruid, username, domain, contact, expires, callid, cseq) VALUES
  ('uloc-1-2-3', 'kam', '127.0.0.1', 'sip:kam@127.0.0.1:5999', '2037-01-01 00:00:00', 'x', 5), ('uloc-1-2-4', 'nodomain', NULL, 'sip:n@127.0.0.1:5999', '2037-01-01 00:00:00', 'y', 5);
"""


class Watching(threading.Thread):
    """OPTIONS to the server itself, one after the other: how long each took."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.client = Client(port, timeout=5)
        self.over = threading.Event()
        self.times = []
        self.bad = 0

    def run(self):
        while not self.over.wait(0.005):
            began = time.monotonic()
            self.client.send(self.client.request("OPTIONS", "sip:127.0.0.1", "sip:127.0.0.1"))
            answer = self.client.receive()
            self.times.append(time.monotonic() - began)
            self.bad += not answer or not answer.startswith("SIP/2.0 200")

    def end(self):
        self.over.set()
        self.join()
        self.times.sort()
        return f"{len(self.times)} OPTIONS, median {1000 * self.times[len(self.times) // 2]:.1f} ms, longest {1000 * self.times[-1]:.0f} ms"


def status(client, method, uri):
    client.send(client.request(method, uri, uri))
    return (client.receive() or "nothing")[8:11]


def until(what, seconds=20):
    """Whether it comes true."""
    deadline = time.monotonic() + seconds
    while not what():
        if time.monotonic() > deadline:
            return False
    return True


def ask(server, path):
    address = re.search(r"http://[0-9.:]+", "".join(server.output)).group(0)
    try:
        with urllib.request.urlopen(address + path, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def readiness(server):
    return ask(server, "/readyz")


def longest_turns(server):
    """Of all workers since the start, by what they are made of; seconds. Those under 5 ms count as 0."""
    found = re.findall(r'^patchbay_worker_longest_turn_seconds\{.*of="([a-z]+)".*\} (\S+)$', ask(server, "/metrics")[1], re.M)
    return {of: max(float(value) for name, value in found if name == of) for of in ("wall", "cpu", "blocked", "queued")}


def under_load(report, server, name, away, back):
    """Registrations and calls while the database is away."""
    watching = Watching(server.port)
    away()
    watching.start()
    began = time.monotonic()
    registering = sipp_started("register.xml", server.port, "-p", str(free_port()), "-m", str(RATE * SECONDS), "-r", str(RATE))
    code, output = sipp("call.xml", server.port, "-p", str(free_port()), "-m", str(CALLS * SECONDS), "-r", str(CALLS))
    report.check(f"{name}: calls to registered users are unaffected", code == 0, output)
    report.check(f"{name}: registrations get their 200", registering.wait(60) == 0)
    took = time.monotonic() - began
    figures = watching.end()
    turns = longest_turns(server)
    print(f"{name}: {took:.1f} s, {figures}; longest turn of a worker: " + ", ".join(f"{of} {1000 * turns[of]:.1f} ms" for of in turns))
    report.check(f"{name}: nothing holds a worker", watching.bad == 0 and watching.times[len(watching.times) * 99 // 100] < 0.1, figures)
    if not sanitized():
        report.check(f"{name}: no turn of a worker computes or is held up for more than 20 ms", max(turns["cpu"], turns["blocked"]) <= LONGEST_TURN, turns)
    back()


def check_rows(report, database, name, users):
    wanted = f"SELECT COUNT(DISTINCT username) FROM location WHERE username REGEXP '^{users}$'"
    rows = f"SELECT COUNT(*) FROM location WHERE username REGEXP '^{users}$'"
    good = until(lambda: database.number(wanted) == RATE * SECONDS)
    report.check(f"{name}: everything is written once", good and database.number(rows) == RATE * SECONDS, f"{database.number(wanted)}, {database.number(rows)} rows")


def check_existing(report, server, database):
    client = Client(server.port)
    report.check("contacts of the existing database are read", "sip:kam@127.0.0.1:5999" in "".join(client.contacts("kam")))
    report.check("a contact without domain belongs to the default domain", len(client.contacts("nodomain")) == 1)
    report.check("subscriber", status(client, "MESSAGE", "sip:joe@127.0.0.1") == "200" and status(client, "MESSAGE", "sip:ann@127.0.0.1") == "404")
    report.check("grp", status(client, "OPTIONS", "sip:grp@127.0.0.1") == "200")
    database.sql("DELETE FROM grp")
    report.check("what somebody revokes counts at once", status(client, "OPTIONS", "sip:grp@127.0.0.1") == "403")
    report.check("address", status(client, "OPTIONS", "sip:address@127.0.0.1") == "200")
    report.check("domain", status(client, "OPTIONS", "sip:domain@example.org") == "200" and status(client, "OPTIONS", "sip:domain@example.com") == "403")
    answer = client.register("kam", contact="sip:kam@127.0.0.1:5999", cseq=6, call_id="x")
    rows = "SELECT ruid, cseq, id FROM location WHERE username = 'kam'"
    report.check("its row is the one that is updated", answer.startswith("SIP/2.0 200") and until(lambda: database.sql(rows) == [["uloc-1-2-3", "6", "1"]], 5), f"{database.sql(rows)} {answer}")


def check_upgrade(report, database):
    def program(*arguments):
        with tempfile.TemporaryDirectory() as data:
            done = subprocess.run([os.path.join(BUILD, "bin", "patchbay"), f"--config={CONFIGURATION}", f"--define=database={database.url()}", f"--define=data={data}",
                                   *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=30)
            return done.returncode, done.stdout

    code, text = program("--db=status")
    report.check("all tables serve as they are", code == 0 and "location: good, version 9 of 9\n" in text and "grp: good, version 2 of 4\n" in text, text)
    database.sql("ALTER TABLE location DROP COLUMN keepalive")
    code, text = program()
    report.check("a table without a column is refused with a clear text", code == 69 and "has no column 'keepalive'" in text, text)
    code, text = program("--db=status")
    report.check("and reported", code == 1 and "location: upgradable" in text, text)
    code, text = program("--db=upgrade")
    report.check("and upgraded when told", code == 0 and "location: good" in text, text)
    code, text = program("--define=database=mysql://joe:hidden@127.0.0.1/x?start=perhaps")
    report.check("a wrong URL is explained", code == 78 and "start=wait, start=refuse" in text and "hidden" not in text, text)


def check_durable(report, database):
    """db_mode 1: the 200 leaves after the commit."""
    with Server(config=CONFIGURATION, defines=[f"database={database.url('?timeout=1000')}", "mode=1"]) as server:
        client = Client(server.port, timeout=10)
        client.register("ann")
        report.check("db_mode 1: the row is there with the 200", database.number("SELECT COUNT(*) FROM location WHERE username = 'ann'") == 1)
        database.freeze()
        began = time.monotonic()
        first, second = client.register("bea")[8:11], time.monotonic()
        later = [client.register(f"cyd{i}")[8:11] for i in range(20)]
        ended = time.monotonic()
        report.check("db_mode 1: 503 in time, then at once", first == "503" and second - began < 5 and set(later) == {"503"} and ended - second < 3,
                     f"{first} after {second - began:.1f} s, {later} after {ended - second:.1f} s")
        report.check("db_mode 1: a user who is there can be found", len(client.contacts("ann")) == 1)
        database.resume()
        report.check("db_mode 1: what got its 503 is written when the database is back",
                     until(lambda: database.number("SELECT COUNT(*) FROM location WHERE username = 'bea' OR username LIKE 'cyd%'") == 21))


def check_start_without(report, database):
    database.stop()
    with Server(config=CONFIGURATION, defines=[f"database={database.url()}", "admin=127.0.0.1:0"]) as server:
        client = Client(server.port)
        report.check("away at the start: what needs no database is served", status(client, "OPTIONS", "sip:127.0.0.1") == "200")
        report.check("away at the start: registrations get 503", client.register("dan").startswith("SIP/2.0 503"))
        code, text = readiness(server)
        report.check("away at the start: /readyz says so", code == 503 and "usrloc.location: loading" in text and "database: degraded" in text, text)
        database.start()
        report.check("then it is ready", until(lambda: readiness(server)[0] == 200))
        report.check("and has read its contacts", len(client.contacts("ann")) == 1)


report = Report()
with Mariadb() as database:
    database.sql(TABLES + ROWS)
    check_upgrade(report, database)
    with Server(config=CONFIGURATION, defines=[f"database={database.url()}", "admin=127.0.0.1:0"]) as server:
        check_existing(report, server, database)
        callee_port = free_port()
        Client(server.port).register("bob", contact=f"sip:bob@127.0.0.1:{callee_port}")
        callee = sipp_started("callee.xml", server.port, "-p", str(callee_port))
        try:
            under_load(report, server, "stopped (SIGTERM)", database.stop, database.start)
            check_rows(report, database, "stopped (SIGTERM)", "u[0-9]+")
            database.sql("DELETE FROM location WHERE username REGEXP '^u[0-9]+$'")
            under_load(report, server, "frozen (SIGSTOP)", database.freeze, database.resume)
            check_rows(report, database, "frozen (SIGSTOP)", "u[0-9]+")
        finally:
            callee.kill()
            callee.wait()
        code, text = readiness(server)
        report.check("afterwards it is well", code == 200 and "database: ready" in text, text)
        report.check("no connection is left behind", database.number("SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'joe'") <= 4)
        report.check("it ends cleanly", server.stop() == 0, "".join(server.output[-20:]))
        report.check("the password is nowhere to be read", Mariadb.PASSWORD not in "".join(server.output) and "s%2Fe" not in "".join(server.output))
    check_durable(report, database)
    check_start_without(report, database)
report.finish()
