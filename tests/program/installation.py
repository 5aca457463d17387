"""A data directory with ports of its own, to serve from."""

import re
import socket
import stat
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from tests.program.running import ROOT, Program, clean_environment, free_port_offset


class Installation:
    """A data directory and ports of its own."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.offset = free_port_offset()
        self.environment = clean_environment(
            data,
            MOXSITE_IPS="127.0.0.1",
            MOXSITE_PORT_OFFSET=str(self.offset),
            PYTHONPATH=str(ROOT),
        )

    def serve(self, *options: str) -> Program:
        """A running serve with the web process alone, which is enough here and starts faster."""
        return Program(["tests/program/serving_web.py", "serve", *options], self.environment)

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, bytes]:
        """Status and body of a page over http."""
        url = f"http://127.0.0.1:{80 + self.offset}{path}"
        try:
            with urllib.request.urlopen(
                urllib.request.Request(url, headers=dict(headers or {})), timeout=20
            ) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()


def mode(path: Path) -> str:
    """The kind and permissions as ls shows them."""
    return stat.filemode(path.stat().st_mode)


def child_process(line: str) -> int:
    """The process number in a log line."""
    match = re.search(r"pid=(\d+)", line)
    assert match
    return int(match.group(1))


def unix_answer(path: str) -> bytes:
    """What the pages process says on its unix socket."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = b""
        while part := connection.recv(65536):
            answer += part
    return answer
