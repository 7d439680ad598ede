"""The real program with its administration on, and what can be seen of it from outside."""
import os
import re
import urllib.request

from server import Server, free_port


class Watched(Server):
    def __init__(self, config=None, defines=()):
        self.admin = free_port()
        super().__init__(config, defines=[f"admin=127.0.0.1:{self.admin}", *defines])

    def ask(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.admin}{path}", timeout=10) as answer:
            return answer.read().decode()

    def metric(self, name):
        """The sum over all labels."""
        return sum(float(value) for value in re.findall(rf"^patchbay_{name}(?:{{[^}}]*}})? (\S+)$", self.ask("/metrics"), re.M))

    def memory(self):
        """Resident, in MiB."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1)) / 1024

    def descriptors(self):
        return len(self._links())

    def sockets(self):
        return sum(link.startswith("socket:") for link in self._links())

    def _links(self):
        folder, links = f"/proc/{self.process.pid}/fd", []
        for name in os.listdir(folder):
            try:
                links.append(os.readlink(os.path.join(folder, name)))
            except FileNotFoundError:  # closed meanwhile
                pass
        return links
