#!/usr/bin/env python3
"""Permanent contacts and aliases (REQ 37, 38, 40, 44; case G20): live in memory, persistent, by patchctl and by the API; loops and
bad targets are refused; ping and the list of transactions."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from admin import Admin
from callee import PatientCallee
from server import BUILD, Client, Report, Server

report = Report()
ADMIN = ["admin=127.0.0.1:0"]
HERE = "127.0.0.1"


def patchctl(server, *words):
    done = subprocess.run([os.path.join(BUILD, "bin", "patchctl"), f"--data={server.data}", *words], text=True, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout


def expect(name, result, code, *parts):
    report.check(name, result[0] == code and all(part in result[1] for part in parts), f"exit code {result[0]}\n{result[1]}")


def permanent(server):
    gateway = Client(server.port)
    contact = f"sip:joe@{HERE}:{gateway.port}"
    expect("a contact is added", patchctl(server, "ul", "add", "joe", contact), 0, "Added to table", f"joe@{HERE}", contact)
    expect("and shown", patchctl(server, "ul", "show", "joe"), 0, contact, "never")
    caller = Client(server.port)
    caller.send(caller.request("MESSAGE", f"sip:joe@{HERE}", f"sip:joe@{HERE}"))
    message = gateway.receive()
    report.check("a request goes there at once", message is not None and message.startswith(f"MESSAGE {contact}"), message)
    phone = Client(server.port)
    phone.register("joe")
    expect("a telephone that registers stands beside it", patchctl(server, "ul", "show", "joe"), 0, contact, str(phone.port))
    phone.send(phone.request("REGISTER", f"sip:{HERE}", f"sip:joe@{HERE}", "Contact: *\r\nExpires: 0\r\n", cseq=2))
    phone.receive()
    expect("and cannot remove it", patchctl(server, "ul", "show", "joe"), 0, contact)
    expect("memory and database agree", patchctl(server, "showdb", "joe"), 0, "contact", "yes     yes")
    expect("he is online", patchctl(server, "online"), 0, f"joe@{HERE}")
    return contact


def refusals(server):
    for bad in ("mailto:joe@example.org", "sip:joe@0.0.0.0", "sip:joe@224.0.0.1", "sip:joe@gw?Route=%3Csip:evil%3E", "sip:joe@gw\r\nX: y",
                f"sip:joe@{HERE}:{server.port}", "sip:"):
        expect(f"{bad!r} is no target", patchctl(server, "ul", "add", "ann", bad), 64)
    expect("a foreign domain has no users here", patchctl(server, "ul", "add", "ann@example.org", "sip:ann@gw"), 64, "no domain of this server")
    expect("who has none is told so", patchctl(server, "ul", "show", "nobody"), 1, f"Username nobody@{HERE} in table location not found")
    expect("a table that no rule names is none", patchctl(server, "ul", "show", "joe", "table=elsewhere"), 1, "as long as a rule names it")
    text = "o'); DROP TABLE location; --"
    code, out = patchctl(server, "ul", "add", "bobby", "sip:x@gw;p=%27);%20DROP", "q=0.5")
    report.check("SQL text is text (G20)", code == 0, out)
    expect("and is kept as it is", patchctl(server, "showdb", "bobby"), 0, "sip:x@gw;p=%27);%20DROP", "yes     yes")
    expect("an odd name is refused or kept, never run", patchctl(server, "ul", "show", text), 64)


def aliases(server):
    expect("an alias leads to a user", patchctl(server, "alias", "add", "4711", "joe"), 0, f"sip:joe@{HERE}")
    expect("an alias leads to an alias", patchctl(server, "alias", "add", "boss", "4711"), 0)
    expect("a loop is refused", patchctl(server, "alias", "add", "joe", "boss"), 64, "a loop", "4711")
    expect("also the shortest", patchctl(server, "alias", "add", "me", f"sip:me@{HERE}"), 64, "a loop")
    expect("a target without a user at this server is refused", patchctl(server, "alias", "add", "void", f"sip:{HERE}"), 64, "to no user")
    expect("another domain is a target", patchctl(server, "alias", "add", "away", "sip:joe@elsewhere.example"), 0, "elsewhere.example")
    expect("it is shown", patchctl(server, "alias", "show", "4711"), 0, f"sip:joe@{HERE}")
    expect("and removed", patchctl(server, "alias", "rm", "away"), 0, "deleted")
    expect("once", patchctl(server, "alias", "rm", "away"), 1, "not found")


def restarted(server, contact):
    expect("the permanent contact is there after a restart", patchctl(server, "ul", "show", "joe"), 0, contact, "never")
    expect("the alias too", patchctl(server, "alias", "show", "4711"), 0, f"sip:joe@{HERE}")
    expect("one contact is removed", patchctl(server, "ul", "rm", "joe", contact), 0, "deleted")
    expect("for good", patchctl(server, "ul", "show", "joe"), 1, "not found")
    expect("a contact for a time says how long", patchctl(server, "ul", "add", "joe", contact, "expires=1h"), 0)
    status, rows = Admin(server).get("/contacts/joe")
    report.check("by the API too", status == 200 and 3590 < rows[0]["expires"] <= 3600, rows)


def pings(server):
    with PatientCallee() as callee:
        status, answer = Admin(server).post("/ping", uri=f"sip:{HERE}:{callee.port}")
    report.check("ping tells code and time", status == 200 and answer[0]["code"] == 200 and answer[0]["milliseconds"] < 1000, answer)
    status, answer = Admin(server).post("/ping", uri=f"sip:{HERE}:9", timeout="50ms")
    report.check("and silence", status == 200 and answer[0]["code"] in (408, 503), answer)
    with PatientCallee() as callee:
        patchctl(server, "ul", "add", "desk", f"sip:desk@{HERE}:{callee.port}", "expires=1h")
        for words in (("ping", "desk@" + HERE), ("notify", "desk@" + HERE, "check-sync"), ("cisco_restart", f"sip:desk@{HERE}")):
            expect(f"{words[0]} reaches a user's contact", patchctl(server, *words), 0, f"sip:desk@{HERE}:{callee.port}", " 200 ")
        report.check("NOTIFY says what it is about", callee.events == ["check-sync"] * 2, callee.events)
    expect("no event is refused", patchctl(server, "notify", "desk@" + HERE, "check sync"), 64, "is no name of an event")
    expect("a user without contact is told", patchctl(server, "cisco_restart", "nobody@" + HERE), 1, "not found")
    expect("the server itself too", patchctl(server, "ping", f"sip:{HERE}:{server.port}"), 64, "this server itself")
    expect("showdb of all is bounded", patchctl(server, "showdb", "limit=2"), 0, "memory", "database", "yes     yes")
    expect("what is no address is refused", patchctl(server, "ping", "no such host"), 64, "is no SIP URI")
    caller, silent = Client(server.port), Client(server.port)
    silent.register("mute")
    caller.send(caller.request("MESSAGE", f"sip:mute@{HERE}", f"sip:mute@{HERE}", call_id="seek-me"))
    silent.receive()
    status, answer = Admin(server).get("/transactions", call_id="seek-me")
    report.check("a transaction is found by its Call-ID", status == 200 and answer["shown"][0]["method"] == "MESSAGE", answer)


with Server(defines=ADMIN) as server:
    contact = permanent(server)
    refusals(server)
    aliases(server)
    pings(server)
    data = server.data
    server.stop()
    with Server(data=data, defines=ADMIN) as again:
        restarted(again, contact)
report.finish()
