#!/usr/bin/env python3
"""What a refused INVITE costs beside one that is answered (case H07), in instructions of the server counted by callgrind.

usage: testsuite/bench/refusal.py     (two minutes; needs valgrind; figures on the last line)

Each work is run with two numbers of INVITEs; the difference is the cost, so that starting does not count. To be refused they must have
waited: the limit is 21 ms, and a burst of OPTIONS makes the server measure and keeps it busy. An answered one counts from the INVITE to the ACK.
"""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "peers", "lib"))
from server import BUILD, SOURCE, Client

CONFIGURATION = """<?xml version="1.0"?>
<patchbay xmlns="urn:patchbay:configuration">
  <server data="{folder}/data" workers="1"/>
  <admin listen="off"/>
  <data url="sqlite::memory:"/>
  <transport listen="udp:127.0.0.1:0"/>
  <usrloc db_mode="0"/>
  <overload soft_delay="{soft}" hard_delay="{hard}" discard_delay="60s"/>
  <routing file="{source}/testsuite/open/routing.xml"/>
</patchbay>
"""
KEPT = ("Via", "Record-Route", "From", "Call-ID", "CSeq")


def invite(caller):
    return caller.request("INVITE", "sip:bob@127.0.0.1", "sip:bob@127.0.0.1", f"Contact: <sip:ann@127.0.0.1:{caller.port}>\r\n")


def answered(caller, bob, count):
    for _ in range(count):
        request = invite(caller)
        caller.send(request)
        kept = [line for line in bob.receive().split("\r\n") if line.split(":")[0] in KEPT]
        for status in ("180 Ringing", "200 OK"):
            bob.send("\r\n".join([f"SIP/2.0 {status}", *kept, "To: <sip:bob@127.0.0.1>;tag=b", f"Contact: <sip:bob@127.0.0.1:{bob.port}>",
                                  "Content-Length: 0", "", ""]))
        reply = caller.receive()
        while not reply.startswith("SIP/2.0 200"):
            reply = caller.receive()
        route = re.search(r"Record-Route: ([^\r]*)", reply).group(1)
        ack = request.replace("INVITE sip:bob@127.0.0.1 ", f"ACK sip:bob@127.0.0.1:{bob.port} ").replace("1 INVITE", "1 ACK")
        ack = ack.replace("branch=z9hG4bK", "branch=z9hG4bKack").replace("To: <sip:bob@127.0.0.1>", f"Route: {route}\r\nTo: <sip:bob@127.0.0.1>;tag=b")
        caller.send(ack)
        assert bob.receive().startswith("ACK")
    return count


def refused(caller, _bob, count):
    caller.socket.settimeout(3)
    for _ in range(1500):
        caller.send(caller.request("OPTIONS", "sip:127.0.0.1", "sip:127.0.0.1"))
    time.sleep(0.3)
    for _ in range(count):
        caller.send(invite(caller))
    replies = []
    while reply := caller.receive():
        replies.append(reply)
    return sum(1 for reply in replies if reply.startswith("SIP/2.0 503") and "CSeq: 1 INVITE" in reply)


def run(work, count, soft, hard):
    """(how many, instructions of the whole run)"""
    folder = tempfile.mkdtemp()
    with open(f"{folder}/server.xml", "w") as file:
        file.write(CONFIGURATION.format(folder=folder, source=SOURCE, soft=soft, hard=hard))
    server = subprocess.Popen(["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/counted.%p", f"{BUILD}/bin/patchbay",
                               f"--config={folder}/server.xml"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    port = 0
    for line in server.stdout:
        found = re.search(r"udp:127\.0\.0\.1:(\d+)", line)
        port = port or (int(found.group(1)) if found else 0)
        if " ready" in line:
            break
    threading.Thread(target=lambda: [None for _ in server.stdout], daemon=True).start()
    caller, bob = Client(port, 20), Client(port, 20)
    bob.register("bob")
    done = work(caller, bob, count)
    server.terminate()
    server.wait(120)
    counted = [int(re.search(r"^(?:summary|totals): (\d+)", open(name).read(), re.M).group(1)) for name in glob.glob(f"{folder}/counted.*")]
    shutil.rmtree(folder, ignore_errors=True)
    return done, max(counted)


def cost(name, work, few, many, soft, hard):
    first, second = run(work, few, soft, hard), run(work, many, soft, hard)
    each = (second[1] - first[1]) / (second[0] - first[0])
    print(f"{name}: {first}, {second}: {each:.0f} instructions each", flush=True)
    return each


if __name__ == "__main__":
    whole = cost("answered", answered, 300, 900, "50s", "55s")
    part = cost("refused", refused, 1000, 3000, "20ms", "21ms")
    print(f"refused {part:.0f}, answered {whole:.0f} instructions: {part / whole:.3f}")
