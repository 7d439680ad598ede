#!/usr/bin/env python3
"""sipvicious against a server with users: svmap finds no server, svwar nobody (cases G30, G31, G33). svcrack 0.3.3 reads no challenge of ours."""
import hashlib
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from admin import Admin
from server import Client, Report, Server

HERE = os.path.dirname(os.path.abspath(__file__))
SCANNER = "127.0.0.2"
report = Report()


def scan(tool, *arguments, seconds=60):
    """Interrupted after that time, as a person does it: then it tells what it has found."""
    done = subprocess.run(["timeout", "-s", "INT", "-k", "5", str(seconds), tool, *arguments], text=True, timeout=120, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    return done.stdout


def md5(*parts):
    return hashlib.md5(":".join(parts).encode()).hexdigest()


def registers(server, user, password):
    """The status line of the answer to credentials."""
    client = Client(server.port)
    challenge = client.register(user) or ""
    nonce = (re.search(r'nonce="([^"]+)"', challenge) or [None, ""])[1]
    uri = "sip:127.0.0.1"
    response = md5(md5(user, "127.0.0.1", password), nonce, "00000001", "c", "auth", md5("REGISTER", uri))
    client.send(client.request("REGISTER", uri, f"sip:{user}@127.0.0.1",
                               f'Contact: <sip:{user}@127.0.0.1:{client.port}>\r\nAuthorization: Digest username="{user}", realm="127.0.0.1", '
                               f'nonce="{nonce}", uri="{uri}", response="{response}", algorithm=MD5, qop=auth, nc=00000001, cnonce="c"\r\n', 2))
    return (client.receive() or "nothing").split("\r\n")[0]


def bans(server):
    return {ban["source"]: ban["reason"] for ban in Admin(server).get("/bans")[1]["bans"]}


def started(*defines):
    server = Server(config=os.path.join(HERE, "scanned.xml"), defines=["admin=127.0.0.1:0", *defines]).start()
    for user, password in (("101", "1090"), ("150", "very-secret")):
        status, body = Admin(server).post("/users", user=f"{user}@127.0.0.1", password=password)
        report.check(f"user {user} is there", status == 201, str(body))
    return server


def by_name():
    server = started()
    try:
        output = scan("svmap", "127.0.0.1", "-p", str(server.port), "-b", SCANNER, "-t", "0.5")
        report.check("svmap finds no server (G30)", "found nothing" in output and str(server.port) not in output, output)
        report.check("its address is banned for its name", bans(server).get(SCANNER) == "scanner", str(bans(server)))
        report.check("a user registers meanwhile", registers(server, "150", "very-secret").endswith("200 OK"))
    finally:
        server.close()


def by_deeds():
    server = started("scanners=nobody-is-called-so")
    arguments = ["127.0.0.1", "-p", str(server.port), "-b", SCANNER, "-t", "0.3"]
    try:
        output = scan("svwar", "-e", "100-160", "-m", "REGISTER", *arguments)
        report.check("svwar sees no difference between users and others (G31)", "| 101" not in output and "| 150" not in output, output)
        report.check("a user registers", registers(server, "101", "1090").endswith("200 OK"))
        report.check("a wrong password is refused", registers(server, "101", "1091").endswith("401 Unauthorized"))
        report.check("the server lives (G33)", "".join(server.output).count(" error ") == 0, "".join(server.output)[-2000:])
    finally:
        server.close()


by_name()
by_deeds()
report.finish()
