"""A telephone by UDP that knows its password: registers, calls, and is called."""
import hashlib
import re
import socket
import threading


def md5(*parts):
    return hashlib.md5(":".join(parts).encode()).hexdigest()


class Phone:
    def __init__(self, server_port, user, domain, password, address="127.0.0.1", port=0):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, port))
        self.socket.settimeout(10)
        self.address, self.port = self.socket.getsockname()
        self.server = ("127.0.0.1", server_port)
        self.user, self.domain, self.password = user, domain, password
        self.aor = f"sip:{user}@{domain}"
        self.cseq = 0
        self.got = ""

    def request(self, method, uri, to, headers, call):
        self.cseq += 1
        return (f"{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {self.address}:{self.port};rport;branch=z9hG4bK{call}{self.cseq}\r\n"
                f"Max-Forwards: 70\r\nFrom: <{self.aor}>;tag={self.port}\r\nTo: <{to}>\r\nCall-ID: {md5(call, str(self.port))[:14]}\r\n"
                f"CSeq: {self.cseq} {method}\r\nContact: <sip:{self.user}@{self.address}:{self.port}>\r\n{headers}Content-Length: 0\r\n\r\n")

    def send(self, text, to=None):
        self.socket.sendto(text.encode(), to or self.server)

    def receive(self):
        """The next message; nothing when none comes."""
        try:
            return self.socket.recv(65536).decode(errors="replace")
        except OSError:
            return ""

    def _final(self):
        """Of the request that was sent last; copies of others are left alone."""
        while True:
            answer = self.receive()
            if not answer or (re.match(r"SIP/2\.0 [2-6]", answer) and re.search(rf"(?im)^cseq: *{self.cseq} ", answer)):
                return answer

    def _credentials(self, method, uri, challenge, qop="auth"):
        realm, nonce = (re.search(rf'{name}="([^"]*)"', challenge).group(1) for name in ("realm", "nonce"))
        response = md5(md5(self.user, realm, self.password), nonce, "00000001", "c", qop, md5(method, uri))
        return (f'Digest username="{self.user}", realm="{realm}", nonce="{nonce}", uri="{uri}", algorithm=MD5, qop={qop}, nc=00000001, '
                f'cnonce="c", response="{response}"')

    def ask(self, method, uri, to=None, headers="", call="c"):
        """The final answer, with credentials when they are asked for. An INVITE that is refused is acknowledged."""
        to = to or uri
        self.send(self.request(method, uri, to, headers, call))
        answer = self._final()
        challenge = re.search(r"(?im)^(www|proxy)-authenticate: .*algorithm=MD5.*$", answer)
        if challenge:
            self._acknowledge(method, uri, answer)
            name = "Authorization" if challenge.group(1).lower() == "www" else "Proxy-Authorization"
            self.send(self.request(method, uri, to, f"{name}: {self._credentials(method, uri, challenge.group(0))}\r\n{headers}", call))
            answer = self._final()
        self._acknowledge(method, uri, answer)
        return answer

    def _acknowledge(self, method, uri, answer):
        code = re.match(r"SIP/2\.0 ([2-6])", answer)
        if method != "INVITE" or not code:
            return
        lines = [re.search(rf"(?im)^{name}:.*\r\n", answer).group(0) for name in ("via", "from", "to", "call-id")]
        if code.group(1) == "2":  # a transaction of its own, by the route of the dialog
            lines[0] = lines[0].replace("branch=", "branch=z9hG4bKack")
            lines += [f"Route: {value}\r\n" for value in reversed(re.findall(r"(?im)^record-route: *(.*)\r", answer))]
            uri = re.search(r"(?im)^contact: *<(.*?)>", answer).group(1)
        cseq = re.search(r"(?im)^cseq: *(\d+)", answer).group(1)
        self.send(f"ACK {uri} SIP/2.0\r\n{''.join(lines)}Max-Forwards: 70\r\nCSeq: {cseq} ACK\r\nContent-Length: 0\r\n\r\n")

    def answers(self):
        """200 to the next request, which is kept in `got`; goes on at once."""
        def wait():
            octets, source = self.socket.recvfrom(65536)
            self.got = octets.decode(errors="replace")
            lines = "".join(re.findall(r"(?im)^(?:via|from|to|call-id|cseq):.*\r\n", self.got))
            self.send(f"SIP/2.0 200 OK\r\n{lines}Content-Length: 0\r\n\r\n", source)

        threading.Thread(target=wait, daemon=True).start()

    def register(self):
        return self.ask("REGISTER", f"sip:{self.domain}", self.aor, call="r")[8:11]

    def close(self):
        self.socket.close()
