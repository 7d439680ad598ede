#!/usr/bin/env python3
"""Every command of the operator's guide (doc/operating.md) and of README.md, taken out of their text and run in the order in which it stands
there against a real server: exit codes, and what is shown below a command. A command that is not known here fails the test.

What the guide calls /usr/local, /etc, /var, /run and /tmp is below a temporary folder here, ports and addresses are free ones of loopback,
and systemctl does what the unit file says."""
import json
import os
import re
import shutil
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from book import Book, shape
from callee import PatientCallee
from digest import Phone
from machine import HERE, Machine, Tree, until
from mariadb import Mariadb
from server import SOURCE, Report
from streams import make_certificate

# Each with the reason why a test cannot run it.
NOT_RUN = {
    r"make (build|run|test)\b": "it has built the program that is tested",
    r"adduser ": "makes an account of the machine",
    r"chgrp patchbay ": "needs that account",
    r"systemctl daemon-reload": "there is no service manager",
    r"journalctl ": "there is no service manager, whose log it is",
    r"mail ": "sends an e-mail",
    r"scripts/setup ": "installs packages",
    r"baresip ": "somebody types at it: testsuite/peers/baresip.py does",
}
RUN = r"(patchbay|patchctl|build/bin/patchbay|build/bin/patchctl|curl|sqlite3|mariadb|cp|echo|chmod|kill|eval)\b"
FOREGROUND = r"(build/bin/)?patchbay --config=(?!.*--(check|daemon|convert|db))"
OWN_VERBS = {"health", "ready", "metrics", "moni", "db", "completion", "help"}
GATEWAY = f"127.{os.getpid() >> 16 & 127 | 128}.{os.getpid() >> 8 & 255}.{os.getpid() & 255 or 1}"

report = Report()


class Reader:
    """Goes through a document. `before` and `after` are what an operator, his users and their telephones do there besides: by a regular
    expression of the command or the section's title."""

    def __init__(self, machine, gateway, name):
        self.machine, self.gateway, self.name = machine, gateway, name
        self.book = Book(os.path.join(SOURCE, name), name)
        self.before, self.after, self.given, self.instead = {}, {}, {}, {}
        self.stays = None  # in the foreground, and runs on
        self.count = 0

    def read(self):
        for kind, step in self.book.steps:
            if kind == "section":
                self._hooks(self.before, "== " + step)
            elif kind == "xml":
                self._hooks(self.before, step)
            else:
                self._command(step)
        report.check(f"{self.name} has commands", self.count > 5, str(self.count))

    @staticmethod
    def _first(table, text):
        return next((value for pattern, value in table.items() if re.match(pattern, text)), None)

    @staticmethod
    def _hooks(table, text):
        for pattern, work in table.items():
            if re.match(pattern, text):
                work(text) if pattern.startswith("<") else work()

    def _command(self, command):
        name = f"{command.place} {command.text}"
        if self._first(NOT_RUN, command.text):
            return
        self.count += 1
        self._hooks(self.before, command.text)
        text = self._first(self.instead, command.text)
        code, output = self._run(text() if text else command.text)
        report.check(name, code == command.ends, f"exit code {code}, not {command.ends}\n{output}")
        if command.shown:
            why = shape(command.shown, output)
            report.check(f"{command.place} shows what comes", not why, f"{why}\nprinted:\n{output}")
        self._hooks(self.after, command.text)

    def _run(self, text):
        text = re.sub("^sudo -u patchbay ", "", text)  # there is one user here
        service = re.match(r"systemctl (?:enable --now|(\w+)) patchbay$", text)
        if service:
            return (0 if self.machine.systemctl(service.group(1) or "start") else 1), "".join(self.machine.log)
        if text.startswith("make install"):
            return self.machine.install()
        if self.stays and text.startswith(self.stays):
            return (0 if self.machine.start(text) else 1), "".join(self.machine.log)
        if re.match(FOREGROUND, text):
            other, self.machine.process = self.machine.process, None
            code = self.machine.stop() if self.machine.start(text) else 1
            self.machine.process = other
            return code, "".join(self.machine.log)
        if not re.match(RUN, text):
            return -1, "the test does not know how to run this command"
        return self.machine.run(re.sub(r"\bcurl ", "curl -fsS ", text), self._first(self.given, text) or "")


    def dials(self, phone, expected, number="0301234"):
        """Whether the user of that telephone reaches a number by the gateway."""
        self.count += 1
        before = len(self.gateway.calls)
        answer = phone.ask("INVITE", f"sip:{number}@{phone.domain}", call=f"dials{self.count}")
        report.check(f"{phone.user} dials {number}: {expected}", answer[8:11] == expected, answer)
        came = self.gateway.calls[before:]
        report.check("it comes to the gateway, or not", came == ([f"sip:{number}@{GATEWAY}:5060"] if expected == "200" else []), came)


class Guide(Reader):
    """On an installed machine: Joe has a telephone, there is a gateway, and a MariaDB server."""

    def __init__(self, machine, gateway, database):
        super().__init__(machine, gateway, "doc/operating.md")
        self.config = machine.path("/usr/local/etc/patchbay/patchbay.xml")
        machine.replaced.update({"192.0.2.99": GATEWAY, "@127.0.0.1/patchbay": f"@127.0.0.1:{database.port}/patchbay"})
        with open(machine.path("/home/.my.cnf"), "w", encoding="utf-8") as file:
            file.write(f"[client]\nsocket={database.socket}\nuser=root\n")
        self.joe = Phone(machine.port, "joe", "example.org", "secret")
        self.callee = PatientCallee()
        machine.replaced["192.0.2.80:5060"] = f"{HERE}:{self.callee.port}"
        self.given = {"patchctl add joe@example.org": "secret\n"}
        self.instead = {"patchctl trail [0-9a-f]": lambda: f"patchctl trail {self.json('trails')[0]['id']}"}
        self.before = {
            "<(core|data) ": self.configured,
            "<rule ": self.ruled,
            "<transport ": self.checked,
            "patchctl online": lambda: report.check("joe's telephone registers", self.joe.register() == "200"),
            "patchctl acl grant joe local$": lambda: self.dials(self.joe, "403"),
            "patchctl trails$": lambda: self.dials(self.joe, "403"),
            "patchctl ping sip:": self.callee.__enter__,
            "patchctl (ping|notify|cisco_restart) joe": self.joe.answers,
            "patchctl explain message": self.message,
            "== The admin endpoint": self.back_to_sqlite,
            "== Without a service manager": self.last,
        }
        self.after = {
            "patchctl acl grant joe local$": lambda: self.dials(self.joe, "200"),
            "patchctl acl revoke joe$": lambda: self.dials(self.joe, "403"),
            "systemctl reload": lambda: until(lambda: len(self.json("history")) > 2),
            'kill "': lambda: until(lambda: not os.path.exists(machine.path("/run/patchbay.pid"))),
            "patchctl ping sip:": lambda: self.callee.__exit__(),
            "patchctl (cisco_restart|notify) joe": self.joe_got,
        }

    def json(self, verb):
        return json.loads(self.machine.run("patchctl --json " + verb)[1])

    def put(self, path, element):
        """Into the configuration, in the place of the element of that name."""
        name = re.match(r"<(\w+)", element).group(1)
        self.machine.edit(path, lambda text: re.sub(rf"<{name} [^>]*/>", "", text).replace("<routing", element + "\n  <routing", 1))

    def configured(self, element):
        shutil.copy(self.config, self.config + ".before")
        self.put(self.config, self.machine.adapt(element))

    def ruled(self, rule):
        name = re.match(r"<rule name=\"[^\"]*\"", rule).group(0)
        self.machine.edit(self.config, lambda text: re.sub(name + "[^>]*>", lambda _: rule, text))

    def checked(self, element):
        """It needs another machine's addresses and certificates: made here, and looked at only."""
        for name in ("sip", "net"):
            folder = self.machine.path("/etc/patchbay")
            make_certificate(folder)
            with open(f"{folder}/{name}.pem", "w", encoding="utf-8") as file:
                for part in ("server.pem", "server.key"):
                    with open(f"{folder}/{part}", encoding="utf-8") as source:
                        file.write(source.read())
            shutil.copy(f"{folder}/server.key", f"{folder}/{name}.key")
        path = self.machine.path("/usr/local/etc/patchbay/checked.xml")
        shutil.copy(self.config, path)
        self.put(path, self.machine.adapt(element))
        code, output = self.machine.run(f"patchbay --config={path} --check")
        report.check(f"what is shown is a good configuration: {element.split()[0]}>", code == 0, output)

    def joe_got(self):
        report.check("joe's telephone is told", re.match(r"NOTIFY (?s:.*)\r\nEvent: check-sync\r\n", self.joe.got), self.joe.got)

    def message(self):
        with open(os.path.join(self.machine.cwd, "message.txt"), "w", encoding="utf-8") as file:
            file.write(self.joe.request("INVITE", "sip:bob@example.org", "sip:bob@example.org", "", "saved").replace("\r\n", "\n"))

    def back_to_sqlite(self):
        """The commands behind it are about the users from before."""
        shutil.copy(self.config + ".before", self.config)
        report.check("the server is back at SQLite", self.machine.systemctl("restart"))

    def last(self):
        """What is only mentioned must be a verb, too."""
        known = {entry["name"].replace(".", " ") for entry in self.json("operations")} | OWN_VERBS
        for text in self.book.inline:
            words = re.match(r"patchctl ((?:[a-z]+ ?)+)", text)
            if words:
                parts = words.group(1).split()
                report.check(f"`{text}` is a verb", any(" ".join(parts[:n]) in known for n in (1, 2)) or any(k.startswith(parts[0] + " ") for k in known))
        report.check("the service ends cleanly", self.machine.systemctl("stop"))


class Readme(Reader):
    """In a source tree. What `make run` does has been done."""

    def __init__(self, machine, gateway):
        super().__init__(machine, gateway, "README.md")
        machine.replaced["192.0.2.99"] = GATEWAY
        self.routing = os.path.join(machine.cwd, "conf/routing.xml")
        self.stays = "build/bin/patchbay --config=conf/examples/gateway-access.xml"
        alice = Phone(machine.port, "alice", HERE, "first-call")
        self.before = {
            "build/bin/patchctl add alice": lambda: self.runs("build/bin/patchbay --config=conf/patchbay.xml"),
            self.stays: lambda: machine.stop(),
            "build/bin/patchctl acl grant": lambda: self.dials(alice, "403"),
            "build/bin/patchbay .*--check": lambda: self.misspelt("<t_relay/>", "<t_rely/>"),
            "build/bin/patchctl ready": lambda: self.misspelt("<t_rely/>", "<t_relay/>"),
        }
        self.after = {
            "build/bin/patchctl acl grant": lambda: self.dials(alice, "200"),
            "build/bin/patchctl acl revoke": lambda: self.dials(alice, "403"),
        }

    def runs(self, command):
        report.check("make run starts the server", self.machine.start(command), self.machine.log)

    def misspelt(self, right, wrong):
        self.machine.edit(self.routing, lambda text: text.replace(right, wrong, 1))


with Machine() as machine, PatientCallee(address=GATEWAY, port=5060) as gateway, Mariadb() as database:
    Guide(machine, gateway, database).read()
with Tree() as tree, PatientCallee(address=GATEWAY, port=5060) as gateway:
    Readme(tree, gateway).read()
    report.check("the server of the README ends cleanly", tree.stop() == 0)
report.finish()
