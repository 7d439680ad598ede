#!/usr/bin/env python3
"""Reloads of the real program (cases L02, L03, G42): whole or not at all, under SIPp's calls; broken configurations are refused with file
and line and change nothing; SIGHUP, patchctl, history, rolling back, new settings, listeners that come and go, new bundles.

The release size: RELOADS=100 RATE=500."""
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from admin import Admin
from server import BUILD, SIPP, SOURCE, Client, Report, Server, free_port, sanitized, sipp_started
from streams import Phone, make_certificate

report = Report()
RELOADS, RATE = int(os.environ.get("RELOADS", "25")), int(os.environ.get("RATE", "100"))
BETWEEN = 10  # calls from one reload to the next, at least
HERE = "127.0.0.1"
# file, what stands there, what comes in its place, what the refusal says
BROKEN = [
    ("routing.xml", '<drop/>', '<drob/>', "did you mean 'drop'?"),
    ("routing.xml", '</routing>', '', "routing.xml:"),
    ("routing.xml", 'code="483"', 'code="4833"', "code"),
    ("routing.xml", 'code="483"', 'kode="483"', "did you mean 'code'?"),
    ("routing.xml", 'mf_process_maxfwd_header(70)', 'mf_process_maxfwd_heather(70)', "mf_process_maxfwd_header"),
    ("routing.xml", 'gt 16KiB', 'gt 16384', "routing.xml:"),
    ("routing.xml", "method == 'CANCEL'", "method = 'CANCEL'", "routing.xml:"),
    ("routing.xml", "method == 'CANCEL'", "methud == 'CANCEL'", "did you mean 'method'?"),
    ("routing.xml", "method == 'CANCEL'", "(method == 'CANCEL'", "routing.xml:"),
    ("routing.xml", 'on-error="trouble"', 'on-error="truble"', "did you mean 'trouble'?"),
    ("routing.xml", '<pipeline name="trouble">', '<pipeline name="request">', "request"),
    ("routing.xml", '<pipeline name="request" on="request"', '<pipeline name="request" on="requests"', "did you mean 'request'?"),
    ("routing.xml", '<lookup table="aliases"/>', '<lookup table="ali ases"/>', "a table's name is"),
    ("routing.xml", '<lookup table="aliases"/>', '<route name="nowhere"/>', "nowhere"),
    ("routing.xml", '<lookup table="aliases"/>', '<route name="trouble"/><include file="missing.xml"/>', "missing.xml"),
    ("routing.xml", '<lookup table="aliases"/>', '<set name="attr.x"/>', "value"),
    ("routing.xml", '<lookup table="aliases"/>', '<append_hf value="${unknown.variable}"/>', "unknown.variable"),
    ("routing.xml", '<lookup table="aliases"/>', '<record_route class="${"/>', "routing.xml:"),
    ("routing.xml", '<lookup table="aliases"/>', "<rule if=\"uri.user =~ '('\"><drop/></rule>", "routing.xml:"),
    ("routing.xml", '<lookup table="aliases"/>', '<t_on_failure pipeline="none"/>', "none"),
    ("routing.xml", '<?xml version="1.0"?>', '<?xml version="1.0"?><!DOCTYPE routing>', "DOCTYPE"),
    ("patchbay.xml", '<log ', '<lock ', "<lock>"),
    ("patchbay.xml", 'level="information"', 'level="loud"', "loud"),
    ("patchbay.xml", '<routing file="routing.xml"/>', '<routing file="rooting.xml"/>', "rooting.xml"),
    ("patchbay.xml", '<routing file="routing.xml"/>', '', "no rules"),
    ("patchbay.xml", '<routing file="routing.xml"/>', '<routing file="routing.xml"/><routing file="routing.xml"/>', "a second <routing>"),
    ("patchbay.xml", '<routing file', '<registrar max_contacts="0"/><routing file', "max_contacts"),
    ("patchbay.xml", '<routing file', '<registrar min_expires="2h"/><routing file', "min_expires"),
    ("patchbay.xml", '<routing file', '<registrar min_expirez="2min"/><routing file', "did you mean 'min_expires'?"),
    ("patchbay.xml", '<routing file', '<tm t1="500"/><routing file', "unit"),
    ("patchbay.xml", '<routing file', '<tm t1="4s" t2="1s"/><routing file', "t2 must not be shorter than t1"),
    ("patchbay.xml", '<transport listen="${listen}"/>', '<transport listen="${listen}, udp:127.0.0.1:5060:1"/>', "is no address and port"),
    ("patchbay.xml", '<transport listen="${listen}"/>', '<transport listen="${listen}, tls:127.0.0.1:0"/>', "needs a certificate"),
    ("patchbay.xml", '<routing file', '<core domains="no/host"/><routing file', "is no host name"),
    ("patchbay.xml", '<routing file', '<core domains="example.org"/><routing file', "needs a restart"),
    ("patchbay.xml", '<routing file', '<bundles><disable name="tm"/></bundles><routing file', "tm"),
    ("patchbay.xml", '<routing file', '<bundles><disable name="guard"/></bundles><routing file', "guard"),
    ("patchbay.xml", '<routing file', '<bundles><disable name="nothing"/></bundles><routing file', "nothing"),
    ("patchbay.xml", '<routing file', '<usrloc db_mode="2"/><routing file', "needs a restart"),
    ("patchbay.xml", '<server ', '<server workers="7" ', "needs a restart"),
]


class Configuration:
    """A copy of conf/ that a test changes."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="patchbay-conf-")
        for name in ("patchbay.xml", "routing.xml"):
            shutil.copy(os.path.join(SOURCE, "testsuite", "open", name), self.folder)
        self.path = os.path.join(self.folder, "patchbay.xml")
        self.good = {name: self.read(name) for name in ("patchbay.xml", "routing.xml")}

    def read(self, name):
        with open(os.path.join(self.folder, name), encoding="utf-8") as file:
            return file.read()

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
            file.write(text)

    def change(self, name, old, new):
        text = self.good[name]
        if old not in text:
            raise ValueError(f"{name} has no {old}")
        self.write(name, text.replace(old, new, 1))

    def restore(self):
        for name, text in self.good.items():
            self.write(name, text)


def patchctl(server, *words):
    done = subprocess.run([os.path.join(BUILD, "bin", "patchctl"), f"--data={server.data}", *words], text=True, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout


def code_of(server, method="OPTIONS", uri=f"sip:{HERE}"):
    client = Client(server.port)
    client.send(client.request(method, uri, uri))
    answer = client.receive() or ""
    return answer.split(" ")[1] if answer else ""


def await_line(server, part):
    for _ in range(100):
        if any(part in line for line in server.output):
            return True
        threading.Event().wait(0.1)
    return False


def rules_are_swapped(server, conf):
    conf.change("routing.xml", '<sl_send_reply code="200"/>', '<sl_send_reply code="202"/>')
    code, out = patchctl(server, "check")
    report.check("check says that it is good, and changes nothing", code == 0 and "good" in out and code_of(server) == "200", out)
    code, out = patchctl(server, "reload")
    report.check("patchctl reload says what is in force", code == 0 and "configuration 2 is in force" in out, out)
    report.check("new requests take the new rules", code_of(server) == "202")
    conf.change("routing.xml", '<sl_send_reply code="200"/>', '<sl_send_reply code="204" reason="x"/>')
    server.process.send_signal(signal.SIGHUP)
    report.check("SIGHUP reloads", await_line(server, "configuration 3 is in force") and code_of(server) == "204", server.output[-5:])
    code, out = patchctl(server, "rollback", "2")
    report.check("an earlier one comes back", code == 0 and code_of(server) == "202", out)
    code, out = patchctl(server, "history")
    report.check("history tells all of it", code == 0 and "rolled back to 2" in out and "SIGHUP" in out, out)
    code, out = patchctl(server, "rollback", "77")
    report.check("one that never was does not", code == 1 and "there is no configuration 77" in out, out)


def hits_go_on(server, admin):
    before = {r["rule"]: r["hits"] for r in admin.get("/rules")[1]}["server itself"]
    patchctl(server, "reload")
    after = {r["rule"]: r["hits"] for r in admin.get("/rules")[1]}["server itself"]
    report.check("hit counters go on where they stood", before > 0 and after == before, (before, after))


def await_that(condition):
    deadline = time.monotonic() + 60
    while not condition():
        if time.monotonic() > deadline:
            return False
    return True


def total(admin, name):
    return float(re.search(rf"^patchbay_{name} (\S+)$", admin.ask("GET", "/metrics")[1], re.M).group(1))


def settings_are_swapped(server, conf, admin):
    client = Client(server.port)
    client.send(client.request("REGISTER", f"sip:{HERE}", f"sip:ann@{HERE}", f"Contact: <sip:ann@{HERE}:{client.port}>\r\nExpires: 90\r\n"))
    first = client.receive()
    conf.change("patchbay.xml", "<routing file", '<registrar min_expires="2min"/><tm fr_timer="5s" forking="serial"/><routing file')
    code, out = patchctl(server, "reload")
    client.send(client.request("REGISTER", f"sip:{HERE}", f"sip:ann@{HERE}", f"Contact: <sip:ann@{HERE}:{client.port}>\r\nExpires: 90\r\n"))
    second = client.receive()
    report.check("settings are swapped", code == 0 and first.startswith("SIP/2.0 200") and second.startswith("SIP/2.0 423"), out + second)
    conf.change("patchbay.xml", "<routing file", '<guard friends="" scanners="odd-phone"/><auth failures="3" failure_window="1min"/><routing file')
    code, out = patchctl(server, "reload")
    client.send(client.request("OPTIONS", f"sip:{HERE}", f"sip:{HERE}", "User-Agent: Odd-Phone 1\r\n"))
    guarded = await_that(lambda: total(admin, "guard_dropped_total") == 1)
    conf.restore()
    patchctl(server, "reload")
    report.check("whom guard drops, and whom not", code == 0 and guarded and code_of(server) == "200", out)


def listen(conf, more):
    conf.change("patchbay.xml", '<transport listen="${listen}"/>', f'<transport listen="${{listen}}{more}"/>')


def dropped(admin, reason):
    text = admin.ask("GET", "/metrics")[1]
    return float(re.search(rf'^patchbay_transport_dropped_total\{{reason="{reason}"\}} (\S+)$', text, re.M).group(1))


class Stream:
    """A connection that speaks SIP as text."""

    def __init__(self, port):
        self.socket = socket.create_connection((HERE, port), timeout=10)
        self.serial = 0

    def code(self):
        self.serial += 1
        self.socket.sendall((f"OPTIONS sip:{HERE} SIP/2.0\r\nVia: SIP/2.0/TCP {HERE}:1;branch=z9hG4bKs{self.serial}\r\nMax-Forwards: 70\r\n"
                             f"From: <sip:t@{HERE}>;tag=1\r\nTo: <sip:{HERE}>\r\nCall-ID: s{self.serial}\r\nCSeq: 1 OPTIONS\r\n"
                             "Content-Length: 0\r\n\r\n").encode())
        text = b""
        while b"\r\n\r\n" not in text:
            more = self.socket.recv(4096)
            if not more:
                return ""
            text += more
        return text.decode().split(" ")[1]


def refuses(port):
    try:
        socket.create_connection((HERE, port), timeout=10).close()
        return False
    except ConnectionRefusedError:
        return True


def listeners_come_and_go(server, conf, admin):
    """Whole or not at all; what is under way at one that goes ends well."""
    first, second, taken = free_port(), free_port(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    taken.bind((HERE, 0))
    listen(conf, f", udp:{HERE}:{first}, udp:{HERE}:{taken.getsockname()[1]}")
    status, body = admin.post("/configuration/reload")
    told = any(re.match(rf"{re.escape(conf.path)}:\d+: error: .*{taken.getsockname()[1]}.*in use", one) for one in body.get("problems", []))
    report.check("a port that is taken refuses all of it, with file and line", status == 409 and told, body)
    probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    probe.bind((HERE, first))
    probe.close()
    taken.close()
    listen(conf, f", udp:{HERE}:{first}, tcp:{HERE}:{first}, udp:{HERE}:{second}")
    status, body = admin.post("/configuration/reload")
    newcomer, stream = Client(first), Stream(first)
    newcomer.send(newcomer.request("OPTIONS", f"sip:{HERE}", f"sip:{HERE}"))
    report.check("new listeners answer, and so does the old one",
                 status == 200 and (newcomer.receive() or "").startswith("SIP/2.0 200") and stream.code() == "200" and code_of(server) == "200", body)
    rows = {(r["listener"], r["state"]) for r in admin.get("/listeners")[1]}
    report.check("they are listed", (f"tcp:{HERE}:{first}", "open") in rows, rows)
    # a call that rings by the one that goes
    callee = Client(second)
    callee.register("ringing")
    caller = Client(first, timeout=20)
    caller.send(caller.request("INVITE", f"sip:ringing@{HERE}", f"sip:ringing@{HERE}", f"Contact: <sip:x@{HERE}:{caller.port}>\r\n"))
    invite = callee.receive()
    conf.restore()
    status, body = admin.post("/configuration/reload")
    report.check("they go", status == 200 and refuses(first), body)
    report.check("a connection lives on", stream.code() == "200")
    via = "".join(line + "\r\n" for line in invite.split("\r\n") if re.match(r"(?i)(via|from|call-id|cseq|record-route):", line))
    callee.send(f"SIP/2.0 200 OK\r\n{via}To: <sip:ringing@{HERE}>;tag=c\r\nContact: <sip:r@{HERE}:{callee.port}>\r\nContent-Length: 0\r\n\r\n")
    answer = caller.receive() or ""
    while answer.startswith("SIP/2.0 1"):
        answer = caller.receive() or ""
    report.check("a call under way is answered", answer.startswith("SIP/2.0 200"), answer)
    before = dropped(admin, "closing")
    newcomer.send(newcomer.request("OPTIONS", f"sip:{HERE}", f"sip:{HERE}"))
    report.check("nothing new begins there", await_that(lambda: dropped(admin, "closing") == before + 1))
    rows = {(r["listener"], r["state"]) for r in admin.get("/listeners")[1]}
    report.check("they are told as closing", (f"udp:{HERE}:{first}", "closing") in rows, rows)
    listen(conf, f", udp:{HERE}:{first}")
    admin.post("/configuration/reload")
    newcomer.send(newcomer.request("OPTIONS", f"sip:{HERE}", f"sip:{HERE}"))
    report.check("one comes back", (newcomer.receive() or "").startswith("SIP/2.0 200"))
    conf.change("patchbay.xml", '<transport listen="${listen}"/>', '<transport listen="${listen}" drain="0s"/>')
    admin.post("/configuration/reload")

    def free():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            try:
                other.bind((HERE, first))
                return True
            except OSError:
                return False
    report.check("with drain=0s its port is free at once", await_that(free))
    conf.restore()


def tls_comes(server, conf, admin):
    """The first listener with a certificate, in a server that had none."""
    certificate, port = make_certificate(conf.folder), free_port()
    told = f'<transport listen="${{listen}}, tls:{HERE}:{port}" tls_certificate="{certificate}" tls_key="{conf.folder}/server.key"/>'
    conf.change("patchbay.xml", '<transport listen="${listen}"/>', told)
    status, body = admin.post("/configuration/reload")
    phone = Phone(port, authority=certificate) if status == 200 else None
    report.check("TLS comes by a reload", phone and phone.options(), body)
    conf.restore()
    status, body = admin.post("/configuration/reload")
    report.check("and goes, but not for who is connected", status == 200 and refuses(port) and phone and phone.options(), body)


def broken(server, conf, admin):
    """L03, G42: each one is refused, with file and line, and the running one is untouched."""
    running = admin.get("/rules")[1]
    for name, old, new, says in BROKEN:
        conf.restore()
        conf.change(name, old, new)
        status, body = admin.post("/configuration/reload")
        problems = body.get("problems", [])
        told = status == 409 and any(re.match(rf"{re.escape(conf.folder)}/[a-z]+\.xml:\d+: error: ", one) and says in one for one in problems)
        report.check(f"refused: {old} -> {new}", told and code_of(server) == "200", f"{status} {body}")
    untouched = [(r["pipeline"], r["rule"], r["place"]) for r in admin.get("/rules")[1]] == [(r["pipeline"], r["rule"], r["place"]) for r in running]
    report.check("the rules in force are the same", untouched)
    code, out = patchctl(server, "reload")
    report.check("patchctl tells the line and ends with 1", code == 1 and "patchbay.xml:" in out and "needs a restart" in out, out)
    conf.restore()


def new_bundle():
    """A bundle that is dropped in while the server runs."""
    source = os.environ.get("PATCHBAY_BUNDLES") or os.path.join(SOURCE, "bundles")
    folder = tempfile.mkdtemp(prefix="patchbay-bundles-")
    for name in os.listdir(source):
        if name != "textops.bundle":
            os.symlink(os.path.join(source, name), os.path.join(folder, name))
    conf = Configuration()
    domains = '<core domains="127.0.0.1"/>'
    text = conf.good["patchbay.xml"].replace("<routing file", f'<bundles folder="{folder}"/>{domains}<routing file')
    conf.write("patchbay.xml", text)
    conf.write("routing.xml", conf.good["routing.xml"].replace('<append_hf value="P-hint: USRLOC"/>', ""))
    with Server(config=conf.path, defines=["admin=127.0.0.1:0"]) as server:
        conf.write("routing.xml", conf.good["routing.xml"])
        code, out = patchctl(server, "reload")
        report.check("rules that need a bundle which is not there are refused", code == 1 and "append_hf" in out, out)
        shutil.copytree(os.path.join(source, "textops.bundle"), os.path.join(folder, "textops.bundle"))
        code, out = patchctl(server, "reload")
        report.check("a bundle that is dropped in is taken in", code == 0 and "new bundles: textops" in out, out)
        phone, caller = Client(server.port), Client(server.port)
        phone.register("bob")
        caller.send(caller.request("MESSAGE", f"sip:bob@{HERE}", f"sip:bob@{HERE}"))
        message = phone.receive() or ""
        report.check("and its actions run", "P-hint: USRLOC" in message, message)
        _, before = patchctl(server, "ul", "show", "joe@new.example.org")
        conf.write("patchbay.xml", text.replace(domains, '<core domains="127.0.0.1, new.example.org"/>'))
        code, out = patchctl(server, "reload")
        _, after = patchctl(server, "ul", "show", "joe@new.example.org")
        report.check("a domain is added", code == 0 and "is no domain of this server" in before and "is no domain" not in after, out + before + after)
        report.check("and it ends cleanly", server.stop() == 0)


def resident(server):
    with open(f"/proc/{server.process.pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def calls_made(admin):
    status, text = admin.ask("GET", "/metrics")
    return sum(float(value) for value in re.findall(r'^patchbay_tm_transactions_total\{kind="invite"[^}]*\} (\S+)$', text, re.M)) if status == 200 else 0


def await_calls(admin, most):
    """Until there were `most` calls in all; False where they do not come."""
    deadline = time.monotonic() + 60
    while calls_made(admin) < most:
        if time.monotonic() > deadline:
            return False
    return True


def under_calls(server, conf, admin):
    """L02: no call fails, and memory is stable."""
    port = free_port()
    Client(server.port).register("bob", contact=f"sip:bob@{HERE}:{port}", expires=86400)
    callee = sipp_started("callee.xml", server.port, "-p", str(port))
    calls = RATE * 180  # at most; they end with the reloads
    caller = subprocess.Popen(["sipp", f"{HERE}:{server.port}", "-sf", os.path.join(SIPP, "call.xml"), "-i", HERE, "-nostdin", "-p",
                               str(free_port()), "-m", str(calls), "-r", str(RATE), "-l", str(calls)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, stdin=subprocess.DEVNULL)
    good = 0
    memory = []
    other = free_port()
    begun = calls_made(admin)
    try:
        for i in range(RELOADS):
            await_calls(admin, begun + (i + 1) * BETWEEN)
            conf.restore()
            conf.change("routing.xml", 'reason="Not here"', f'reason="Not here {i}"')
            if i % 2:
                listen(conf, f", udp:{HERE}:{other}, tcp:{HERE}:{other}")
            status, _ = admin.post("/configuration/reload")
            good += status == 200
            memory.append(resident(server))
            if caller.poll() is not None:
                break
        during = caller.poll() is None and await_calls(admin, begun + (RELOADS + 1) * BETWEEN)
        caller.send_signal(signal.SIGUSR1)  # no new calls
        out, _ = caller.communicate(timeout=60)
    finally:
        callee.kill()
        callee.wait()
    report.check(f"{RELOADS} reloads with listeners that come and go while calls came", good == RELOADS and during, f"{good} reloads, calls {'went on' if during else 'had ended'}")
    counts = {name: int(re.findall(rf"{name} call +\| +\d+ +\| +(\d+)", out)[-1]) for name in ("Successful", "Failed")}
    report.check(f"calls at {RATE} a second, none failed", counts["Failed"] == 0 and counts["Successful"] >= RELOADS * BETWEEN, counts)
    half = memory[len(memory) // 2:]
    if not sanitized():  # a sanitizer keeps what is freed
        report.check("memory is stable", half[-1] - half[0] < 8 << 20, [m >> 20 for m in memory])


conf = Configuration()
with Server(config=conf.path, defines=["admin=127.0.0.1:0"]) as server:
    admin = Admin(server)
    rules_are_swapped(server, conf)
    hits_go_on(server, admin)
    settings_are_swapped(server, conf, admin)
    conf.restore()
    patchctl(server, "reload")
    listeners_come_and_go(server, conf, admin)
    tls_comes(server, conf, admin)
    broken(server, conf, admin)
    under_calls(server, conf, admin)
    report.check("it ends cleanly", server.stop() == 0, "".join(server.output[-20:]))
new_bundle()
report.finish()
