"""Contents of all sizes, cut anywhere, many at a time: each comes back as it was sent."""

from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest

from tests.edge.backends import Talker, talking
from tests.edge.http2_client import Http2Client, certificate, request
from tests.edge.serving import EdgeUnderTest, dechunk
from tests.edge.sites import HOST, handler, site
from webserver.edge.tls import BrowserTls
from webserver.routing.values import ForwardSettings

pytestmark = [pytest.mark.only_database("sqlite"), pytest.mark.long]

CLIENTS = 8
REQUESTS = 60
LETTERS = b"abcdefghijklmnopqrstuvwxyz" * 40_000


def content_of(chance: Random) -> bytes:
    """Of any length up to a megabyte; small ones as often as large ones."""
    begin = chance.randrange(26)
    return LETTERS[begin : begin + int(10 ** chance.uniform(0, 6))]


def cut(chance: Random, data: bytes, most: int) -> list[bytes]:
    """In up to so many pieces."""
    places = sorted(chance.randrange(len(data)) for _ in range(chance.randrange(most)))
    return [data[begin:end] for begin, end in zip([0, *places], [*places, len(data)], strict=True)]


def framed(chance: Random, content: bytes) -> bytes:
    """The last field of a head, and the content as it says."""
    if chance.random() < 0.5:
        return b"Content-Length: %d\r\n\r\n%b" % (len(content), content)
    chunks = (b"%x\r\n%b\r\n" % (len(piece), piece) for piece in cut(chance, content, 5) if piece)
    return b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(chunks) + b"0\r\n\r\n"


def received(talker: Talker, head: bytes) -> bytes:
    """The content behind a head."""
    fields = dict(line.split(b": ", 1) for line in head.lower().split(b"\r\n")[1:-2])
    if b"content-length" in fields:
        return talker.exactly(int(fields[b"content-length"]))
    return dechunk(talker.until(b"0\r\n\r\n"))


def send_back(talker: Talker) -> None:
    """A backend whose answers are what it was sent."""
    chance = Random(0)
    while head := talker.head():
        content = received(talker, head)
        for piece in cut(chance, b"HTTP/1.1 200 OK\r\n" + framed(chance, content), 4):
            talker.say(piece)


def transfer_over_http_1_1(edge: EdgeUnderTest, seed: int) -> int:
    """How many transfers came back right."""
    chance, right = Random(seed), 0
    with edge.connect() as connection:
        client = Talker(connection)
        for _ in range(REQUESTS):
            content = content_of(chance)
            for piece in cut(
                chance, f"PUT / HTTP/1.1\r\nHost: {HOST}\r\n".encode() + framed(chance, content), 4
            ):
                client.say(piece)
            head = client.head()
            right += head.startswith(b"HTTP/1.1 200 ") and received(client, head) == content
    return right


def transfer_over_http_2(edge: EdgeUnderTest, seed: int) -> int:
    """How many transfers came back right."""
    chance, right = Random(seed), 0
    with Http2Client(edge.port) as client:
        for _ in range(REQUESTS):
            content = content_of(chance)
            stream = client.ask(request("/", "PUT"), ends=False)
            client.upload(stream, content)
            status, _, answer = client.answer(stream)
            client.events.clear()
            right += status == 200 and answer == content
    return right


@pytest.mark.parametrize("version", ["1.1", "2"])
def test_every_transfer_comes_back_as_it_was_sent(version: str) -> None:
    transfer = transfer_over_http_2 if version == "2" else transfer_over_http_1_1
    tls = BrowserTls(certificate(), http2=True).listening if version == "2" else None
    with (
        talking(send_back) as backend,
        site(handler(ForwardSettings((backend.backend,))), tls=tls) as edge,
        ThreadPoolExecutor(CLIENTS) as pool,
    ):
        right = list(pool.map(lambda seed: transfer(edge, seed), range(CLIENTS)))
    assert right == [REQUESTS] * CLIENTS
