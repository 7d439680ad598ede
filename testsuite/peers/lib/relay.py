"""A network that loses datagrams: a relay of the tests' own, between two addresses of this machine."""
import random
import selectors
import socket
import threading


class LossyRelay:
    """What arrives at `port` goes on to `target` and what comes back goes to whoever sent last; a share of both is lost. The same seed
    loses the same numbers of datagrams."""

    def __init__(self, target, loss, seed):
        self.target = ("127.0.0.1", target)
        self.loss = loss
        self.random = random.Random(seed)
        self.front, self.back = self._socket(), self._socket()
        self.port = self.front.getsockname()[1]
        self.client = None
        self.passed = self.lost = 0
        self.ends = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    @staticmethod
    def _socket():
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind(("127.0.0.1", 0))
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        return s

    def _run(self):
        ready = selectors.DefaultSelector()
        ready.register(self.front, selectors.EVENT_READ)
        ready.register(self.back, selectors.EVENT_READ)
        while not self.ends.is_set():
            for key, _ in ready.select(0.2):
                octets, source = key.fileobj.recvfrom(65536)
                if key.fileobj is self.front:
                    self.client = source
                if self.random.random() < self.loss:
                    self.lost += 1
                    continue
                self.passed += 1
                if key.fileobj is self.front:
                    self.back.sendto(octets, self.target)
                elif self.client:
                    self.front.sendto(octets, self.client)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ends.set()
        self.thread.join()
        self.front.close()
        self.back.close()
