#!/usr/bin/env python3
"""MariaDB under the real program: the database of a Kamailio serves as it is; stopped and frozen under load it holds up no call, and
everything is written once when it is back (cases J05, J06, J08, J09).

MARIADB_SECONDS: how long it is away each time; the release size is 60.
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
from mariadb import Mariadb
from server import BUILD, SOURCE, Client, Report, Server, free_port, sipp, sipp_started

SECONDS = int(os.environ.get("MARIADB_SECONDS", "3"))
RATE = 100  # registrations a second, and half as many calls
CONFIGURATION = os.path.join(SOURCE, "testsuite", "peers", "mariadb.xml")
# Written from what is known of Kamailio 5.6's tables; not a copy of its scripts. With what people add to theirs.
NAME = "VARCHAR(64) DEFAULT '' NOT NULL"
ID = "id INT(10) UNSIGNED AUTO_INCREMENT PRIMARY KEY NOT NULL"
MODIFIED = "last_modified DATETIME DEFAULT '2000-01-01 00:00:01' NOT NULL"
KAMAILIO = f"""
CREATE TABLE version ({ID}, table_name VARCHAR(32) NOT NULL, table_version INT UNSIGNED DEFAULT 0 NOT NULL, UNIQUE (table_name));
INSERT INTO version (table_name, table_version) VALUES ('location', 9), ('subscriber', 7), ('grp', 2), ('uri', 1), ('domain', 2), ('address', 6);
CREATE TABLE subscriber ({ID}, username {NAME}, domain {NAME}, password {NAME}, ha1 VARCHAR(128) DEFAULT '' NOT NULL, ha1b VARCHAR(128) DEFAULT '' NOT NULL,
  email_address VARCHAR(128), rpid VARCHAR(128), UNIQUE (username, domain), KEY (username));
INSERT INTO subscriber (username, domain, ha1) VALUES ('joe', '127.0.0.1', '0123456789abcdef0123456789abcdef');
CREATE TABLE grp ({ID}, username {NAME}, domain {NAME}, grp {NAME}, {MODIFIED}, UNIQUE (username, domain, grp));
INSERT INTO grp (username, domain, grp) VALUES ('tester', '127.0.0.1', 'gateway');
CREATE TABLE uri ({ID}, username {NAME}, domain {NAME}, uri_user {NAME}, {MODIFIED}, UNIQUE (username, domain, uri_user));
CREATE TABLE domain ({ID}, domain VARCHAR(64) NOT NULL, did VARCHAR(64) DEFAULT NULL, {MODIFIED}, UNIQUE (domain));
INSERT INTO domain (domain, did) VALUES ('Example.ORG', NULL);
CREATE TABLE address ({ID}, grp INT(11) UNSIGNED DEFAULT 1 NOT NULL, ip_addr VARCHAR(50) NOT NULL, mask INT DEFAULT 32 NOT NULL,
  port SMALLINT(5) UNSIGNED DEFAULT 0 NOT NULL, tag VARCHAR(64));
INSERT INTO address (grp, ip_addr, mask) VALUES (2, '127.0.0.0', 8);
CREATE TABLE location ({ID}, ruid {NAME}, username {NAME}, domain VARCHAR(64) DEFAULT NULL, contact VARCHAR(512) DEFAULT '' NOT NULL,
  received VARCHAR(128) DEFAULT NULL, path VARCHAR(512) DEFAULT NULL, expires DATETIME DEFAULT '2030-05-28 21:32:15' NOT NULL,
  q FLOAT(10,2) DEFAULT 1.0 NOT NULL, callid VARCHAR(255) DEFAULT 'Default-Call-ID' NOT NULL, cseq INT(11) DEFAULT 1 NOT NULL,
  last_modified DATETIME DEFAULT '2000-01-01 00:00:01' NOT NULL, flags INT(11) DEFAULT 0 NOT NULL, cflags INT(11) DEFAULT 0 NOT NULL,
  user_agent VARCHAR(255) DEFAULT '' NOT NULL, socket VARCHAR(64) DEFAULT NULL, methods INT(11) DEFAULT NULL, instance VARCHAR(255) DEFAULT NULL,
  reg_id INT(11) DEFAULT 0 NOT NULL, server_id INT(11) DEFAULT 0 NOT NULL, connection_id INT(11) DEFAULT 0 NOT NULL,
  keepalive INT(11) DEFAULT 0 NOT NULL, `partition` INT(11) DEFAULT 0 NOT NULL, UNIQUE (ruid),
  KEY (username, domain, contact), KEY (expires), KEY (connection_id), KEY (server_id, connection_id));
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


def readiness(server):
    address = re.search(r"http://[0-9.:]+", "".join(server.output)).group(0)
    try:
        with urllib.request.urlopen(address + "/readyz", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def under_load(report, server, name, away, back):
    """Registrations and calls while the database is away."""
    watching = Watching(server.port)
    away()
    watching.start()
    began = time.monotonic()
    registering = sipp_started("register.xml", server.port, "-p", str(free_port()), "-m", str(RATE * SECONDS), "-r", str(RATE))
    code, output = sipp("call.xml", server.port, "-p", str(free_port()), "-m", str(RATE // 2 * SECONDS), "-r", str(RATE // 2))
    report.check(f"{name}: calls to registered users are unaffected", code == 0, output)
    report.check(f"{name}: registrations get their 200", registering.wait(60) == 0)
    took = time.monotonic() - began
    figures = watching.end()
    print(f"{name}: {took:.1f} s, {figures}")
    report.check(f"{name}: nothing holds a worker", watching.bad == 0 and watching.times[len(watching.times) * 99 // 100] < 0.1, figures)
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
    database.sql(KAMAILIO)
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
