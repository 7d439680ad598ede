#!/usr/bin/env python3
"""The admin endpoint with TLS, of the real program: whom it proves to be, to Python's client and to patchctl; who is refused; a certificate
that is renewed by a reload."""
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import urllib.error

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from admin import Admin
from server import BUILD, SOURCE, Client, Report, Server
from streams import make_certificate

report = Report()
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("PATCHBAY_")}


def folder_of(name="127.0.0.1"):
    """A folder with server.pem and server.key for that name."""
    folder = tempfile.mkdtemp(prefix="patchbay-tls-")
    make_certificate(folder, name)
    return folder


def configuration(folder, listen="${admin}"):
    for name in ("patchbay.xml", "routing.xml"):
        shutil.copy(os.path.join(SOURCE, "testsuite", "open", name), folder)
    path = os.path.join(folder, "patchbay.xml")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace('<admin listen="${admin}"/>', f'<admin listen="{listen}" certificate="{folder}/server.pem" key="{folder}/server.key"/>'))
    return path


def patchctl(*words, **environment):
    done = subprocess.run([os.path.join(BUILD, "bin", "patchctl"), *words], text=True, timeout=60, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          stdin=subprocess.DEVNULL, env={**CLEAN, **environment})
    return done.returncode, done.stdout


def expect(name, result, code, *parts):
    report.check(name, result[0] == code and all(part in result[1] for part in parts), f"exit code {result[0]}\n{result[1]}")


def refused(admin):
    try:
        admin.get("/version")
        return "it was let in"
    except (urllib.error.URLError, OSError) as error:
        return str(error)


def clients(server, folder):
    right, wrong = os.path.join(folder, "server.pem"), os.path.join(folder_of(), "server.pem")
    admin = Admin(server, ca=right)
    report.check("the start says https", admin.url.startswith("https://"), admin.url)
    report.check("who knows the certificate is let in", admin.get("/version")[0] == 200)
    report.check("long answers arrive whole", "/rules" in admin.get("/openapi.json")[1]["paths"])
    report.check("a wrong token is refused as without TLS", Admin(server, token="pb_0", ca=right).get("/version")[0] == 401)
    report.check("who trusts somebody else does not talk to it", "CERTIFICATE_VERIFY_FAILED" in refused(Admin(server, ca=wrong)))
    plain = Admin(server, ca=right)
    plain.url = plain.url.replace("https:", "http:")
    report.check("without TLS nobody is answered", refused(plain) != "it was let in")
    old = ssl.create_default_context(cafile=right)
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    admin.context = old
    report.check("nor with TLS 1.1", refused(admin) != "it was let in")
    return right, wrong


def by_patchctl(server, right, wrong):
    with open(os.path.join(server.data, "admin.token"), encoding="ascii") as file:
        token = file.read().strip()
    with open(os.path.join(server.data, "admin.url"), encoding="ascii") as file:
        url = file.read().strip()
    with open(os.path.join(server.data, "admin.certificate"), encoding="ascii") as file:
        left = file.read()
    report.check("what is left for patchctl has no key in it", "BEGIN CERTIFICATE" in left and "PRIVATE" not in left, left)
    nowhere = "--data=/nonexistent"
    expect("patchctl finds server and certificate in the data folder", patchctl(f"--data={server.data}", "version"), 0, "process ")
    expect("or by --ca", patchctl(nowhere, f"--admin={url}", f"--token={token}", f"--ca={right}", "version"), 0, "process ")
    expect("or by the environment", patchctl(nowhere, f"--admin={url}", f"--token={token}", "version", PATCHBAY_CA=right), 0, "process ")
    expect("it refuses a wrong CA", patchctl(f"--data={server.data}", f"--ca={wrong}", "version"), 69, "does not prove", wrong)
    expect("and one that the system does not know", patchctl(nowhere, f"--admin={url}", f"--token={token}", "version"), 69, "does not prove", "--ca=FILE")
    expect("a missing file is told", patchctl(f"--data={server.data}", "--ca=/nonexistent.pem", "version"), 64, "/nonexistent.pem")


def renewed(server, folder, right):
    with open(right, encoding="ascii") as file:
        before = file.read()
    make_certificate(folder)
    expect("a reload renews the certificate", patchctl(f"--data={server.data}", "reload"), 0, "is in force")
    report.check("who knows the new one is let in", Admin(server, ca=right).get("/version")[0] == 200)
    old = os.path.join(folder, "old.pem")
    with open(old, "w", encoding="ascii") as file:
        file.write(before)
    report.check("who knows the old one only is not", "CERTIFICATE_VERIFY_FAILED" in refused(Admin(server, ca=old)))
    expect("patchctl follows", patchctl(f"--data={server.data}", "version"), 0, "process ")
    shutil.copy(right, old)
    with open(right, "w", encoding="ascii") as file:
        file.write("nothing")
    expect("one that cannot be used refuses the reload, with file and line", patchctl(f"--data={server.data}", "reload"), 1,
           "patchbay.xml:", "<admin certificate>", right)
    report.check("and the endpoint goes on", Admin(server, ca=old).get("/version")[0] == 200)
    shutil.copy(old, right)


def silent_clients(server, right):
    """The limits hold for handshakes, too: SIP and health do not notice."""
    admin = Admin(server, ca=right)
    host, port = admin.url.split("//")[1].rsplit(":", 1)
    silent = [socket.create_connection((host, int(port)), 5) for _ in range(20)]
    for one in silent:
        one.sendall(b"\x16\x03\x01\x02")
    client = Client(server.port, timeout=10)
    client.send(client.request("OPTIONS", "sip:127.0.0.1", "sip:127.0.0.1"))
    report.check("SIP goes on beside handshakes that do not", (client.receive() or "").startswith("SIP/2.0 200"))
    for one in silent:
        one.close()
    report.check("and the endpoint answers again", admin.get("/version")[0] == 200)


def names():
    """A certificate for another name: refused by --ca, taken from the data folder, where nobody else can put one."""
    folder = folder_of()
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=sip.example.org",
                    "-addext", "subjectAltName=DNS:sip.example.org", "-keyout", f"{folder}/server.key", "-out", f"{folder}/server.pem"], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with Server(config=configuration(folder), defines=["admin=127.0.0.1:0"]) as server:
        expect("a certificate of another name is refused", patchctl(f"--data={server.data}", f"--ca={folder}/server.pem", "version"), 69, "does not prove")
        expect("but not the one that the server has left", patchctl(f"--data={server.data}", "version"), 0, "process ")


def addresses():
    """Elsewhere than on loopback with a certificate only."""
    folder = folder_of()
    program = os.path.join(BUILD, "bin", "patchbay")

    def check(config, admin):
        done = subprocess.run([program, f"--config={config}", f"--define=data={folder}/data", f"--define=admin={admin}", "--check"], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode, done.stdout
    expect("all addresses with a certificate", check(configuration(folder), "0.0.0.0:0"), 0)
    expect("not without", check(os.path.join(SOURCE, "testsuite", "open", "patchbay.xml"), "0.0.0.0:0"), 78, "needs a certificate")
    config = configuration(folder)
    os.remove(f"{folder}/server.key")
    expect("a missing key is told with file and line", check(config, "127.0.0.1:0"), 78, "patchbay.xml:", f"{folder}/server.key")


folder = folder_of()
with Server(config=configuration(folder), defines=["admin=127.0.0.1:0"]) as server:
    right, wrong = clients(server, folder)
    by_patchctl(server, right, wrong)
    renewed(server, folder, right)
    silent_clients(server, right)
    report.check("it ends cleanly", server.stop() == 0, "".join(server.output[-20:]))
names()
addresses()
report.finish()
