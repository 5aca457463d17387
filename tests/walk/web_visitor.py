"""Somebody elsewhere who visits the pages of a server with a browser that believes no wrong certificate."""

import http.client
import re
import socket
import ssl
from pathlib import Path
from urllib.parse import urlencode

from tests.walk.machine import Machine


class WebVisitor:
    """Visits one host at its address. Keeps cookies."""

    def __init__(self, machine: Machine, host: str, ip: str, trusted: Path) -> None:
        self._machine = machine
        self._host = host
        self._ip = ip
        self._context = ssl.create_default_context(cafile=str(trusted))
        self._cookies: dict[str, str] = {}

    def log_in(self, name: str, password: str) -> None:
        """By the form."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.page("/login/"))
        assert token is not None
        fields = {"csrfmiddlewaretoken": token[1], "username": name, "password": password}
        status, text = self._ask("POST", "/login/", urlencode(fields))
        assert status == 302, (status, text)

    def page(self, path: str) -> str:
        """The text of a page that must be there."""
        status, text = self._ask("GET", path)
        assert status == 200, (path, status, text)
        return text

    def _ask(self, method: str, path: str, body: str = "") -> tuple[int, str]:
        connection = http.client.HTTPSConnection(self._host, timeout=60, context=self._context)
        with self._machine.network():
            plain = socket.create_connection((self._ip, 443), 60)
        try:
            connection.sock = self._context.wrap_socket(plain, server_hostname=self._host)
            headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
            if body:
                headers |= {"Content-Type": "application/x-www-form-urlencoded"}
                headers |= {"Referer": f"https://{self._host}{path}", "Origin": f"https://{self._host}"}
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            for cookie in answer.headers.get_all("Set-Cookie", []):
                name, _, rest = cookie.partition("=")
                self._cookies[name] = rest.partition(";")[0]
            return answer.status, answer.read().decode()
        finally:
            connection.close()
