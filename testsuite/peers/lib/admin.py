"""The admin endpoint of a server that a test has started, as an HTTP client sees it."""
import json
import os
import re
import ssl
import urllib.error
import urllib.parse
import urllib.request


class Admin:
    """Speaks to the endpoint that the server announced; the token is the one of its data folder."""

    def __init__(self, server, token=None, ca=None):
        self.context = ssl.create_default_context(cafile=ca) if ca else None
        self.url = re.search(r"https?://[0-9.:\[\]]+", "".join(server.output)).group(0)
        self.token = token
        if token is None:
            with open(os.path.join(server.data, "admin.token")) as file:
                self.token = file.read().strip()

    def ask(self, method, path, arguments=None, headers=None):
        """(status, what the body says as JSON, or its text)."""
        body = json.dumps(arguments).encode() if arguments is not None else None
        request = urllib.request.Request(self.url + path, data=body, method=method, headers=dict(headers or {}))
        if self.token:
            request.add_header("Authorization", "Bearer " + self.token)
        if body is not None:
            request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=30, context=self.context) as answer:
                return answer.status, self._read(answer)
        except urllib.error.HTTPError as error:
            return error.code, self._read(error)

    @staticmethod
    def _read(answer):
        text = answer.read().decode()
        return json.loads(text) if answer.headers.get("Content-Type", "").startswith("application/json") else text

    def get(self, path, **query):
        return self.ask("GET", "/api/v1" + path + ("?" + urllib.parse.urlencode(query) if query else ""))

    def post(self, path, **arguments):
        return self.ask("POST", "/api/v1" + path, arguments)

    def delete(self, path, **arguments):
        return self.ask("DELETE", "/api/v1" + path, arguments)
