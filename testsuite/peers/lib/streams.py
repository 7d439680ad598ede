"""Clients that connect: TCP, TLS, WebSocket, of Python's own library."""
import base64
import os
import re
import socket
import ssl
import struct
import subprocess
import time

PHONE = "127.0.0.1"


def make_certificate(folder, name="127.0.0.1"):
    """A certificate that vouches for itself, by openssl; never kept."""
    key, certificate = os.path.join(folder, "server.key"), os.path.join(folder, "server.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                    "-addext", f"subjectAltName=IP:{name},DNS:localhost", "-keyout", key, "-out", certificate], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return certificate


def port_of(server, protocol):
    """Where the server said that it listens by that protocol."""
    found = re.search(rf"\b{protocol}:127\.0\.0\.1:(\d+)", "".join(server.output))
    return int(found.group(1))


class Phone:
    """Speaks SIP by one connection; messages are found by their Content-Length."""

    protocol = "TCP"

    def __init__(self, port, timeout=10.0, authority=None):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        if authority:
            self.socket = ssl.create_default_context(cafile=authority).wrap_socket(self.socket, server_hostname="127.0.0.1")
            self.protocol = "TLS"
        self.local = self.socket.getsockname()[1]
        self.buffer = b""
        self.serial = 0

    def send(self, text):
        self.socket.sendall(text.encode())

    def receive(self):
        """The next message, or None when the connection ends or nothing comes."""
        while True:
            while self.buffer.startswith(b"\r\n"):
                self.buffer = self.buffer[2:]
            head, end, rest = self.buffer.partition(b"\r\n\r\n")
            if end:
                length = int(re.search(rb"(?im)^(?:content-length|l)\s*:\s*(\d+)", head).group(1))
                if len(rest) >= length:
                    self.buffer = rest[length:]
                    return (head + end + rest[:length]).decode(errors="replace")
            try:
                chunk = self.socket.recv(65536)
            except OSError:
                return None
            if not chunk:
                return None
            self.buffer += chunk

    def is_closed(self):
        """Whether the server ends the connection, in time."""
        try:
            while self.socket.recv(65536):
                pass
            return True
        except ConnectionResetError:
            return True
        except OSError:
            return False

    def request(self, method, uri="sip:127.0.0.1", user="tester", headers=""):
        self.serial += 1
        return (f"{method} {uri} SIP/2.0\r\nVia: SIP/2.0/{self.protocol} {PHONE}:{self.local};rport;branch=z9hG4bK{self.local}-{self.serial}\r\n"
                f"Max-Forwards: 70\r\nFrom: <sip:{user}@127.0.0.1>;tag={self.serial}\r\nTo: <sip:{user}@127.0.0.1>\r\n"
                f"Call-ID: {self.protocol}-{self.local}-{self.serial}\r\nCSeq: 1 {method}\r\n{headers}Content-Length: 0\r\n\r\n")

    def register(self, user):
        contact = f"sip:{user}@{PHONE}:{self.local};transport={self.protocol.lower()}"
        self.send(self.request("REGISTER", user=user, headers=f"Contact: <{contact}>\r\n"))
        return (self.receive() or "").startswith("SIP/2.0 200")

    def options(self):
        self.send(self.request("OPTIONS"))
        return (self.receive() or "").startswith("SIP/2.0 200")

    def close(self):
        self.socket.close()


def answer_to(request, status, contact=None, body=""):
    """A reply to a request, as a phone makes it."""
    lines = request.split("\r\n")
    taken = [line for line in lines if re.match(r"(?i)(via|from|to|call-id|cseq|record-route):", line)]
    taken = [line + ";tag=phone" if re.match(r"(?i)to:", line) and "tag=" not in line else line for line in taken]
    extra = [f"Contact: <{contact}>"] if contact else []
    return "\r\n".join([f"SIP/2.0 {status}"] + taken + extra + [f"Content-Length: {len(body)}", "", body])


class WebPhone(Phone):
    """A browser's side of RFC 7118: masked frames, one message each."""

    def __init__(self, port, timeout=10.0, authority=None):
        super().__init__(port, timeout, authority)
        self.protocol = "WSS" if authority else "WS"
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall((f"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nOrigin: http://127.0.0.1\r\n"
                             f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Protocol: sip\r\n\r\n").encode())
        self.upgraded = self._read_until(b"\r\n\r\n").startswith(b"HTTP/1.1 101")

    def _read_until(self, end):
        while end not in self.buffer:
            chunk = self.socket.recv(65536)
            if not chunk:
                return b""
            self.buffer += chunk
        head, _, self.buffer = self.buffer.partition(end)
        return head

    def _read(self, count):
        while len(self.buffer) < count:
            chunk = self.socket.recv(65536)
            if not chunk:
                raise OSError
            self.buffer += chunk
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def send(self, text):
        self.send_frame(1, text.encode())

    def send_frame(self, opcode, payload):
        mask = os.urandom(4)
        length = bytes([0x80 | len(payload)]) if len(payload) < 126 else struct.pack("!BH", 0x80 | 126, len(payload))
        self.socket.sendall(bytes([0x80 | opcode]) + length + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(payload)))

    def receive(self):
        try:
            opcode, length = self._read(2)
            if length == 126:
                length, = struct.unpack("!H", self._read(2))
            payload = self._read(length)
            return payload.decode(errors="replace") if opcode & 15 in (1, 2) else self.receive()
        except OSError:
            return None

    def register(self, user):
        self.contact = f"sip:{user}@x{self.local}.invalid;transport=ws"
        self.send(self.request("REGISTER", user=user, headers=f"Contact: <{self.contact}>\r\n"))
        return (self.receive() or "").startswith("SIP/2.0 200")


def eventually(true, seconds=10):
    """Whether it becomes so."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
