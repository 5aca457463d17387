"""Behind proxies that say by PROXY protocol whom they speak for."""

import socket
import ssl
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mail.proxy_protocol import BrokenHeader, header_size, read_header
from tests.edge.http2_client import certificate
from tests.edge.serving import EdgeUnderTest, read_all, running_edge
from tests.world.haproxy import answers, program, started
from tests.world.proxy_headers import SIGNATURE, V4, V6, version_2
from tests.world.waiting import wait_until
from webserver.edge import proxied
from webserver.edge.exchange import Exchange
from webserver.edge.tls import BrowserTls

pytestmark = pytest.mark.only_database("sqlite")

ASK = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


def who(exchange: Exchange) -> None:
    """Says who asks, and where."""
    exchange.respond(200, [], f"{exchange.peer} {exchange.local_port} {exchange.scheme}".encode())


def everybody(address: str) -> bool:
    return True


def nobody(address: str) -> bool:
    return False


def told(edge: EdgeUnderTest, data: bytes) -> str:
    """The content of the answer to these bytes."""
    return edge.exchange(data).partition(b"\r\n\r\n")[2].decode()


@pytest.mark.parametrize(
    ("header", "remote"),
    [
        (b"PROXY TCP4 192.0.2.7 198.51.100.1 4711 25\r\n", "192.0.2.7"),
        (b"PROXY TCP6 2001:db8::7 2001:db8::1 4711 25\r\n", "2001:db8::7"),
        (version_2(1, 0x11, V4), "192.0.2.7"),
        (version_2(1, 0x11, V4, b"\x04\x00\x03abc"), "192.0.2.7"),
        (version_2(1, 0x21, V6), "2001:db8::7"),
    ],
)
def test_the_client_is_who_the_header_says(header: bytes, remote: str) -> None:
    with running_edge(who, proxies=everybody) as edge:
        assert told(edge, header + ASK) == f"{remote} 25 http"
        client = edge.connect()
        for position in range(len(header)):
            client.sendall(header[position : position + 1])
        client.sendall(ASK)
        assert read_all(client).endswith(f"{remote} 25 http".encode())


@pytest.mark.parametrize("header", [b"PROXY UNKNOWN\r\n", version_2(0, 0x00, b""), version_2(1, 0x00, b"")])
def test_a_proxy_may_speak_for_itself(header: bytes) -> None:
    with running_edge(who, proxies=everybody) as edge:
        assert told(edge, header + ASK) == f"127.0.0.1 {edge.port} http"


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"PROXY TCP4 192.0.2.7 198.51.100.1 4711\r\n",
        b"PROXY TCP4 2001:db8::7 198.51.100.1 4711 25\r\n",
        b"PROXY TCP4 192.0.2.7 198.51.100.1 4711 99999\r\n",
        b"PROXY TCP4 " + b"1" * 5000,
        version_2(1, 0x12, V4),
        version_2(1, 0x11, V4[:8]),
        SIGNATURE + b"\x31\x11\x00\x00",
        SIGNATURE + b"\x21\x11\xff\xff",
    ],
)
def test_a_trusted_proxy_without_a_proper_header_is_cut_off(header: bytes) -> None:
    with running_edge(who, proxies=everybody) as edge:
        assert edge.exchange(header + ASK) == b""
        assert edge.recorder.exchanges == []


def test_a_proxy_that_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proxied, "HEADER_SECONDS", 0.05)
    with running_edge(who, proxies=everybody) as edge, edge.connect() as silent, edge.connect() as slow:
        slow.sendall(b"PROXY TC")
        assert read_all(silent) == read_all(slow) == b""


def test_waiting_for_the_rest_of_a_header_takes_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[bytes] = []

    def looked_at(data: bytes) -> int:
        looks.append(data)
        return header_size(data)

    monkeypatch.setattr(proxied, "header_size", looked_at)
    with running_edge(who, proxies=everybody) as edge, edge.connect() as slow:
        slow.sendall(b"PROXY TC")
        for _ in range(20):
            assert told(edge, b"PROXY TCP4 192.0.2.7 198.51.100.1 1 2\r\n" + ASK) == "192.0.2.7 2 http"
        slow.sendall(b"P4 192.0.2.8 198.51.100.1 1 2\r\n" + ASK)
        assert read_all(slow).endswith(b"192.0.2.8 2 http")
    assert len([data for data in looks if data == b"PROXY TC"]) == 1


def test_others_can_not_pretend_to_come_from_elsewhere() -> None:
    with running_edge(who, proxies=nobody) as edge:
        assert told(edge, ASK) == f"127.0.0.1 {edge.port} http"
        refused = edge.exchange(b"PROXY TCP4 192.0.2.7 198.51.100.1 4711 25\r\n" + ASK)
        assert refused.startswith(b"HTTP/1.1 501")


def test_without_the_setting_no_header_is_read() -> None:
    with running_edge(who) as edge:
        assert edge.exchange(version_2(1, 0x11, V4) + ASK).startswith(b"HTTP/1.1 501")


@pytest.mark.parametrize("http2", [False, True])
def test_the_header_comes_before_tls(http2: bool) -> None:
    tls = BrowserTls(certificate(), http2=http2).listening
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with running_edge(who, tls=tls, proxies=everybody) as edge:
        # The header and the first bytes of TLS in one segment.
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = context.wrap_bio(incoming, outgoing)
        with edge.connect() as plain, pytest.raises(ssl.SSLWantReadError):
            client.do_handshake()
        plain = edge.connect()
        plain.sendall(version_2(1, 0x11, V4) + outgoing.read())
        while True:
            try:
                client.do_handshake()
                break
            except ssl.SSLWantReadError:
                incoming.write(plain.recv(65536))
        client.write(ASK)
        plain.sendall(outgoing.read())
        whole = b""
        while b"https" not in whole:
            try:
                whole += client.read(65536)
            except ssl.SSLWantReadError:
                incoming.write(plain.recv(65536))
        assert whole.endswith(b"192.0.2.7 25 https")
        plain.close()


def test_stopping_lets_go_of_those_who_have_said_nothing() -> None:
    with running_edge(who, proxies=everybody) as edge:
        silent = edge.connect()
        assert told(edge, b"PROXY UNKNOWN\r\n" + ASK)
    assert read_all(silent) == b""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", edge.port), 5)


@settings(max_examples=200)
@given(st.one_of(st.binary(max_size=60), st.builds(SIGNATURE.__add__, st.binary(max_size=60))))
def test_any_bytes_are_a_header_or_none(data: bytes) -> None:
    try:
        size = header_size(data)
        assert size <= len(data)
        if size:
            read_header(data[:size])
    except BrokenHeader:
        pass


@pytest.mark.external
@pytest.mark.parametrize("how", ["send-proxy", "send-proxy-v2"])
def test_through_haproxy(tmp_path: Path, how: str) -> None:
    if program() is None:
        pytest.skip("haproxy is not installed")
    with running_edge(who, proxies=everybody) as edge, started(tmp_path, edge.port, how) as (port, process):
        wait_until(lambda: answers(port, process), "haproxy answers")
        # A client of another loopback address, so that it can be told from the proxy.
        with socket.create_connection(("127.0.0.1", port), 30, ("127.9.8.7", 0)) as client:
            client.sendall(ASK)
            assert read_all(client).endswith(f"127.9.8.7 {port} http".encode())
