#!/usr/bin/env python3
"""patchctl against the real program: it finds server and token by itself, its verbs are the server's, its errors say what to do."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from server import BUILD, SOURCE, Client, Report, Server

report = Report()
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("PATCHBAY_")}


def patchctl(server, *words, given="", **environment):
    """(exit code, output and errors)"""
    done = subprocess.run([os.path.join(BUILD, "bin", "patchctl"), *words], input=given, text=True, timeout=60, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, env={**CLEAN, "PATCHBAY_DATA": server.data, **environment})
    return done.returncode, done.stdout


def expect(name, result, code, *parts):
    report.check(name, result[0] == code and all(part in result[1] for part in parts), f"exit code {result[0]}\n{result[1]}")


def finds_its_way(server):
    expect("it finds the server and the token in the data folder", patchctl(server, "version"), 0, "version ", "process ")
    with open(os.path.join(server.data, "admin.token")) as file:
        token = file.read().strip()
    with open(os.path.join(server.data, "admin.url")) as file:
        url = file.read().strip()
    nowhere = {"PATCHBAY_DATA": "/nonexistent"}
    expect("or by the environment", patchctl(server, "version", PATCHBAY_TOKEN=token, PATCHBAY_ADMIN=url, **nowhere), 0, "process")
    expect("or by options", patchctl(server, f"--admin={url}", f"--token={token}", "version", **nowhere), 0, "process")
    expect("without a token it says where it looked", patchctl(server, f"--admin={url}", "version", **nowhere), 77, "/nonexistent/admin.token", "--token=")
    expect("a wrong token is told", patchctl(server, "--token=pb_1", "version"), 77, "unknown, removed or expired")
    expect("nobody there is told", patchctl(server, "--admin=http://127.0.0.1:9", "version"), 69, "Does the server run")


def speaks_well(server):
    expect("help lists the server's verbs", patchctl(server, "help"), 0, "rules [PIPELINE]", "exit codes:")
    expect("help tells a verb's parameters", patchctl(server, "help", "token", "add"), 0, "token add NAME ROLE [VALID]", "Needs the role admin")
    expect("a verb that is none gets a suggestion", patchctl(server, "rule"), 64, "did you mean 'rules'?")
    expect("half a verb gets a list", patchctl(server, "token"), 64, "token add NAME ROLE [VALID]", "token rm NAME")
    expect("a missing argument is named", patchctl(server, "token", "add", "eve"), 64, "role is missing", "usage: patchctl token add")
    expect("a wrong one too", patchctl(server, "token", "add", "eve", "boss"), 64, "'boss' is not allowed; allowed: read, operate, admin")
    expect("one too many too", patchctl(server, "version", "now"), 64, "'now' is one word too many")
    expect("what is not there is refused", patchctl(server, "token", "rm", "eve"), 1, "there is no token 'eve'")
    expect("an unknown option is told", patchctl(server, "--jason", "version"), 64, "--json")


def prints(server):
    code, text = patchctl(server, "--json", "rules", "pipeline=request")
    report.check("--json gives the answer as it is", code == 0 and any(rule["rule"] == "registration" for rule in json.loads(text)), text)
    expect("rules are shown with hits and times", patchctl(server, "rules"), 0, "pipeline", "hits", "mean_us", "timed")
    code, text = patchctl(server, "workers")
    lines = text.splitlines()
    report.check("a table has aligned columns", lines[0].split() == ["worker", "alive", "answered_after_us"] and lines[1].split()[:2] == ["0", "yes"], text)
    expect("moni has its other names", patchctl(server, "console", "1"), 0, "cycle 1")
    expect("moni shows figures", patchctl(server, "moni", "2", WATCH_PERIOD="10ms"), 0, "cycle 2", "registrations accepted", "/s")
    expect("ps shows threads", patchctl(server, "ps"), 0, "worker-0", "cpu_seconds")
    expect("completion offers words", patchctl(server, "--complete", "token"), 0, "add", "list", "rm")
    expect("and choices", patchctl(server, "--complete", "token", "add", "eve"), 0, "operate", "valid=")
    expect("the script for bash is one", patchctl(server, "completion", "bash"), 0, "complete -o default -F _patchctl patchctl")


def database(server):
    config = "--config=" + server.config
    data = "--define=data=" + os.path.join(server.data, "fresh")
    code, text = patchctl(server, "db", "status", config, data)
    report.check("db status says what is absent", code == 1 and "location: absent" in text, text)
    expect("db init makes it", patchctl(server, "db", "init", config, data), 0, "location: good, version 9 of 9")
    expect("and then all is good", patchctl(server, "db", "status", config, data), 0, "location: good")
    expect("db upgrade has nothing to do", patchctl(server, "db", "upgrade", config, data), 0, "location: good")
    expect("db of a server that runs", patchctl(server, "db", "status", config, "--define=data=" + server.data), 0, "location: good")
    expect("another verb is none", patchctl(server, "db", "drop"), 64, "init|status|upgrade")


def accounts(server):
    """REQ 32 to 34, 40, 51: users, their e-mail addresses and groups; what is no user, no group, no name."""
    def run(name, words, code, *parts, given=""):
        expect(name, patchctl(server, *words.split(), given=given), code, *parts)

    run("a user is added with his e-mail address", "add joe@127.0.0.1 secret joe@mail.example.org", 0, "joe@127.0.0.1")
    run("which is kept", "mail joe@127.0.0.1", 0, "joe@mail.example.org\n")
    run("also when his password changes", "passwd joe@127.0.0.1", 0, given="other\n")
    report.check("and is all that is printed", patchctl(server, "mail", "joe@127.0.0.1") == (0, "joe@mail.example.org\n"))
    run("twice is refused", "add joe@127.0.0.1 secret", 1, "is there already", "passwd")
    run("a user without an address", "add ann@127.0.0.1 secret", 0)
    run("has none", "mail ann@127.0.0.1", 1, "has no e-mail address")
    run("nobody has none either", "mail eve@127.0.0.1", 1, "there is no user eve@127.0.0.1")
    run("an odd name is refused", "add a:b@127.0.0.1 secret", 64, "cannot stand in a name")
    run("an empty password too", "add bob@127.0.0.1", 64, "password is empty", given="\n")
    run("several groups at once", "acl grant joe@127.0.0.1 local int", 0, "local", "int")
    run("an unknown group is told, with those that there are", "acl grant joe@127.0.0.1 moon", 64, "there are local, ld, int, free-pstn")
    run("who is no user is told", "acl grant eve@127.0.0.1 local", 1, "there is no user eve@127.0.0.1", "unknown=yes")
    run("a number may be in a group", "acl grant 112@127.0.0.1 free-pstn unknown=yes", 0, "free-pstn")
    run("one group is taken", "acl revoke joe@127.0.0.1 int", 0, "local")
    run("who goes", "rm joe@127.0.0.1", 0, "removed  joe@127.0.0.1")
    run("takes his groups along", "acl show joe@127.0.0.1", 0, "(none)")
    run("and goes once", "rm joe@127.0.0.1", 1, "there is no user")
    run("the others are there", "user list", 0, "user\nann@127.0.0.1\n")


with Server(os.path.join(SOURCE, "conf", "examples", "gateway-access.xml"), defines=["admin=127.0.0.1:0", "domain=127.0.0.1"]) as server:
    accounts(server)
with Server(defines=["admin=127.0.0.1:0"]) as server:
    Client(server.port).register("joe")
    finds_its_way(server)
    speaks_well(server)
    prints(server)
    database(server)
report.finish()
