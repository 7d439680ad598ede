"""A callee that knows RFC 3261's transactions. SIPp's does not stand the loss of its own replies: a copy of the INVITE ends the
repetition of its 200."""
import re
import selectors
import socket
import threading
import time


class PatientCallee:
    """Rings and answers every INVITE, repeats its 200 until the ACK comes (13.3.1.4), answers every BYE, NOTIFY and OPTIONS, copies included."""

    def __init__(self, contact_port=None, address="127.0.0.1", port=0):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        if port:  # beside a server that listens there on all addresses
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self.socket.bind((address, port))
        self.address, self.port = self.socket.getsockname()
        self.calls = []  # the Request-URIs of INVITEs
        self.events = []  # of NOTIFYs
        self.contact_port = contact_port or self.port
        self.answered = {}  # Call-ID -> [reply, where to, next time, interval]
        self.ends = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _session(self):
        """A body for telephones that want sound: where it goes nobody listens."""
        return (f"v=0\r\no=- 1 1 IN IP4 {self.address}\r\ns=-\r\nc=IN IP4 {self.address}\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n"
                "a=rtpmap:0 PCMU/8000\r\n")

    def _reply(self, request, status, extra="", body=""):
        lines = re.findall(r"(?im)^(?:via|record-route|from|call-id|cseq):.*\r\n", request)
        to = re.search(r"(?im)^to:(.*)\r\n", request).group(1)
        if ";tag=" not in to:
            to += ";tag=patient"
        kind = "Content-Type: application/sdp\r\n" if body else ""
        return f"SIP/2.0 {status}\r\n{''.join(lines)}To:{to}\r\n{extra}{kind}Content-Length: {len(body)}\r\n\r\n{body}".encode()

    def _take(self, octets, source):
        request = octets.decode(errors="replace")
        method = request.split(" ", 1)[0]
        call = re.search(r"(?im)^call-id:\s*(\S+)", request).group(1)
        contact = f"Contact: <sip:bob@{self.address}:{self.contact_port}>\r\n"
        if method == "INVITE":
            if call not in self.answered:
                self.calls.append(request.split(" ", 2)[1])
                self.socket.sendto(self._reply(request, "180 Ringing", contact), source)
                body = self._session() if "application/sdp" in request else ""
                self.answered[call] = [self._reply(request, "200 OK", contact, body), source, time.monotonic() + 0.5, 0.5]
            if self.answered[call]:
                self.socket.sendto(self.answered[call][0], source)
        elif method == "ACK":
            self.answered[call] = None
        elif method == "NOTIFY":
            self.events.append(re.search(r"(?im)^event: *(\S+)", request).group(1))
            self.socket.sendto(self._reply(request, "200 OK"), source)
        elif method == "OPTIONS":
            self.socket.sendto(self._reply(request, "200 OK", contact), source)
        elif method == "BYE":
            self.answered[call] = None
            self.socket.sendto(self._reply(request, "200 OK"), source)

    def _repeat(self):
        now = time.monotonic()
        for waiting in self.answered.values():
            if waiting and waiting[2] <= now:
                self.socket.sendto(waiting[0], waiting[1])
                waiting[3] = min(2 * waiting[3], 4)
                waiting[2] = now + waiting[3]

    def _run(self):
        ready = selectors.DefaultSelector()
        ready.register(self.socket, selectors.EVENT_READ)
        while not self.ends.is_set():
            for _ in ready.select(0.05):
                self._take(*self.socket.recvfrom(65536))
            self._repeat()

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ends.set()
        self.thread.join()
        self.socket.close()
