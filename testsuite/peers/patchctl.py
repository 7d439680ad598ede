#!/usr/bin/env python3
"""patchctl against the real program: it finds server and token by itself, its verbs are the server's, its errors say what to do."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from server import BUILD, Client, Report, Server

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
    code, text = patchctl(server, "workers")
    lines = text.splitlines()
    report.check("a table has aligned columns", lines[0].split() == ["worker", "alive", "answered_after_us"] and lines[1].split()[:2] == ["0", "yes"], text)
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


with Server(defines=["admin=127.0.0.1:0"]) as server:
    Client(server.port).register("joe")
    finds_its_way(server)
    speaks_well(server)
    prints(server)
    database(server)
report.finish()
