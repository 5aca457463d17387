import hashlib
import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from moxsite.request_bodies import PIECE

SERVER = Path(__file__).with_name("streaming_daphne.py")


@pytest.fixture
def port() -> Iterator[int]:
    environment = {**os.environ, "PYTHONPATH": os.getcwd()}
    process = subprocess.Popen([sys.executable, SERVER], stdout=subprocess.PIPE, env=environment)
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def count(port: int) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/count", timeout=60) as response:
        return int(response.read())


def test_nothing_is_made_before_what_was_made_was_read(port: int) -> None:
    reader = HTTPConnection("127.0.0.1", port, timeout=60)
    reader.request("GET", "/")
    response = reader.getresponse()
    assert len(response.read(1_000_000)) == 1_000_000
    made = max(count(port) for _ in range(30))
    assert 16 <= made < 1000
    rest = response.read()
    assert len(rest) == 2000 * 65536 + 3 - 1_000_000
    assert rest.endswith(b"end")
    assert count(port) == 2000


def take(port: int, body: bytes) -> dict[str, int | str]:
    sender = HTTPConnection("127.0.0.1", port, timeout=60)
    sender.request("POST", "/take", body, {"Content-Type": "multipart/form-data; boundary=0123"})
    found: dict[str, int | str] = json.loads(sender.getresponse().read())
    return found


def test_a_large_body_is_not_in_memory_as_a_whole(port: int) -> None:
    before = int(take(port, b"small")["peak"])
    body = b"0123456789abcdef" * (64 * 65536)
    found = take(port, body)
    assert found["size"] == len(body)
    assert found["digest"] == hashlib.sha256(body).hexdigest()
    assert int(found["peak"]) - before < 24 * 1024


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE])
def test_a_body_of_any_size_arrives(port: int, size: int) -> None:
    assert take(port, b"x" * size)["size"] == size


def test_a_reader_that_leaves_does_not_stop_others(port: int) -> None:
    for _ in range(3):
        reader = HTTPConnection("127.0.0.1", port, timeout=60)
        reader.request("GET", "/")
        assert len(reader.getresponse().read(1000)) == 1000
        reader.close()
    assert count(port) > 0
