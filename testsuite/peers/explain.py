#!/usr/bin/env python3
"""patchctl explain and trails against the real program: a dry run takes the path that the request takes and changes nothing; the trail of
a call that failed says why."""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from admin import Admin
from callee import PatientCallee
from server import BUILD, Client, Report, Server

report = Report()
HERE = "127.0.0.1"


def patchctl(server, *words, given=""):
    done = subprocess.run([os.path.join(BUILD, "bin", "patchctl"), f"--data={server.data}", *words], text=True, timeout=60, input=given,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def rule_taken(trail):
    return [re.sub(r" \(.*", "", rule) for rule in trail["rules"]]


def dry_runs(server, admin, phone):
    message = phone.request("INVITE", f"sip:bob@{HERE}", f"sip:bob@{HERE}", f"Contact: <sip:me@{HERE}>\r\n")
    status, answer = admin.post("/explain", message=message, source=f"{HERE}:{phone.port}")
    steps = answer["steps"]
    report.check("each step has place, text and result", status == 200 and all(":" in s["place"] and s["step"] and s["result"] for s in steps), answer)
    report.check("a condition has its values", any(s["step"].startswith("method == 'CANCEL'") and s["values"] == "method = 'INVITE'" for s in steps), steps)
    report.check("it would relay", steps[-1]["step"].startswith("would t_relay") and answer["ending"] == "settled", steps[-1])
    report.check("to the callee's address", answer["targets"][0]["addresses"] == f"udp:{HERE}:{phone.port}", answer["targets"])
    report.check("but nothing is sent", phone.receive() is None)
    register = phone.request("REGISTER", f"sip:{HERE}", f"sip:eve@{HERE}", f"Contact: <sip:eve@{HERE}:{phone.port}>\r\n")
    status, answer = admin.post("/explain", message=register, source=f"{HERE}:{phone.port}")
    report.check("a dry registration registers nobody", status == 200 and admin.get("/contacts/eve")[0] == 404, answer)
    report.check("a dry run is no request", admin.get("/trails", user="eve@")[1] == [])
    path = os.path.join(server.data, "message")
    with open(path, "w", encoding="utf-8") as file:
        file.write(message.replace("\r\n", "\n"))
    code, out = patchctl(server, "explain", path)
    report.check("patchctl explains a file", code == 0 and "would t_relay" in out and "routing.xml:" in out, out)
    code, out = patchctl(server, "explain", "-", given=message)
    report.check("and its input", code == 0 and "would t_relay" in out, out)
    code, out = patchctl(server, "explain", "uri=sip:nobody@" + HERE, f"from=sip:me@{HERE}")
    report.check("and a request that is described", code == 0 and 'would sl_send_reply(code="404")' in out and "offline" in out, out)
    code, out = patchctl(server, "explain", "uri=sip:x@elsewhere.example", f"from=sip:me@{HERE}")
    report.check("a foreign target is refused by the rule that says so", code == 0 and "Relaying Denied" in out, out)
    status, answer = admin.post("/explain", message="BROKEN")
    report.check("nonsense is refused before the rules", status == 200 and answer["ending"].startswith("refused before the rules: 400"), answer)


def trails(server, admin):
    caller = Client(server.port)
    with PatientCallee() as callee:
        Client(server.port).register("ann", contact=f"sip:ann@{HERE}:{callee.port}")
        caller.send(caller.request("OPTIONS", f"sip:ann@{HERE}", f"sip:ann@{HERE}", call_id="good-one"))
        caller.receive()
    status, rows = admin.get("/trails", call_id="good-one")
    status, trail = admin.get("/trails/" + rows[0]["id"])
    events = [(e["what"], e.get("code")) for e in trail["events"]]
    report.check("what was sent and came back is there", trail["code"] == 200 and events == [("sent", None), ("reply", 200)], trail)
    report.check("and the rules that it took", rule_taken(trail)[0] == "request", trail["rules"])


def failed_call(server, admin):
    caller, busy = Client(server.port), Client(server.port)
    busy.register("carl")
    caller.send(caller.request("INVITE", f"sip:carl@{HERE}", f"sip:carl@{HERE}", f"Contact: <sip:me@{HERE}:{caller.port}>\r\n", call_id="bad-one"))
    invite = busy.receive()
    lines = re.findall(r"(?im)^(?:via|from|to|call-id|cseq):.*\r\n", invite)
    busy.send("SIP/2.0 486 Busy Here\r\n" + "".join(lines) + "Content-Length: 0\r\n\r\n")
    answer = ""
    while answer is not None and " 486 " not in answer.split("\r\n")[0]:
        answer = caller.receive()
    code, out = patchctl(server, "trails", "call_id=bad-one")
    identity = out.splitlines()[1].split()[0]
    code, out = patchctl(server, "trail", identity)
    report.check("the trail of a failed call says who refused it", code == 0 and "Busy Here" in out and str(busy.port) in out and "486" in out, out)
    caller.send(caller.request("MESSAGE", f"sip:nobody@{HERE}", f"sip:nobody@{HERE}"))
    refusal = caller.receive()
    incident = re.search(r'Incident ([0-9a-f]{16})"', refusal)
    status, trail = admin.get("/trails/" + incident.group(1))
    report.check("a refusal's incident leads to its trail", trail["code"] == 404 and rule_taken(trail)[-1] == "offline", trail)
    status, rows = admin.get("/trails", failed="yes")
    report.check("failures can be listed alone", {r["code"] for r in rows} == {404, 486}, (rows, out))
    report.check("an unknown id is told", admin.get("/trails/0123")[0] == 404)


with Server(defines=["admin=127.0.0.1:0"]) as server:
    admin = Admin(server)
    phone = Client(server.port, timeout=0.5)
    phone.register("bob")
    dry_runs(server, admin, phone)
    trails(server, admin)
    failed_call(server, admin)
report.finish()
