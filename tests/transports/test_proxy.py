"""The client side of SOCKS5: what a proxy is asked, and what its refusals are called."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from delivery.smtp.client.failure import DeliveryFailure, Stage
from delivery.transports.proxy import Proxy, ProxyFailure, connect_through, parse_proxy_address
from tests.transports.scripted_socks import ScriptedSocks, SocksSession, replying

SERVER = "192.0.2.1"


def failure_of(proxy: Proxy, ip: str = SERVER, seconds: float = 2) -> DeliveryFailure:
    with pytest.raises(DeliveryFailure) as raised:
        asyncio.run(connect_through(proxy, "127.0.0.1", ip, 25, seconds=seconds))
    failure = raised.value
    assert (failure.stage, failure.temporary, failure.remote) == (Stage.CONNECT, True, False)
    return failure


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (2, "could not reach 192.0.2.1 port 25: its rules do not allow this connection"),
        (3, "could not reach 192.0.2.1 port 25: network unreachable"),
        (4, "could not reach 192.0.2.1 port 25: host unreachable"),
        (5, "could not reach 192.0.2.1 port 25: connection refused"),
        (6, "could not reach 192.0.2.1 port 25: TTL expired"),
        (8, "could not reach 192.0.2.1 port 25: it has no addresses of this family"),
        (1, "failed for 192.0.2.1 port 25: general failure, code 1"),
    ],
)
def test_what_the_proxy_says_of_a_server_is_told_as_its_word(code: int, text: str) -> None:
    with ScriptedSocks(replying(code)) as server:
        failure = failure_of(server.proxy)
    assert failure.public.text == f"the SOCKS proxy 127.0.0.1:{server.port} {text}"
    assert failure.ip == SERVER
    assert not isinstance(failure, ProxyFailure)


@pytest.mark.parametrize("ip", [SERVER, "2001:db8::1"])
def test_the_proxy_is_given_an_address_and_never_a_name(ip: str) -> None:
    asked: list[tuple[str, int]] = []

    def script(session: SocksSession) -> None:
        session.accept_without_login()
        asked.append(session.read_request())
        session.socket.sendall(b"\x05\x04\x00\x01" + bytes(6))

    with ScriptedSocks(script) as server:
        failure_of(server.proxy, ip)
    assert asked == [(ip, 25)]


def test_a_proxy_that_wants_a_login_we_do_not_have_is_named() -> None:
    def script(session: SocksSession) -> None:
        session.read(3)
        session.socket.sendall(b"\x05\xff")

    with ScriptedSocks(script) as server:
        failure = failure_of(server.proxy)
    assert isinstance(failure, ProxyFailure)
    assert f"the SOCKS proxy 127.0.0.1:{server.port} refused us: no acceptable auth" in failure.public.text
    assert failure.ip == ""


def test_a_proxy_that_says_nothing_costs_no_more_than_the_time_for_connecting() -> None:
    with ScriptedSocks(SocksSession.wait_for_close) as server:
        failure = failure_of(server.proxy, seconds=0.2)
    assert "gave no connection to 192.0.2.1 port 25 within 0.2 s" in failure.public.text


def test_a_user_name_without_password_is_not_tried() -> None:
    failure = failure_of(Proxy("127.0.0.1", 1, username="me"))
    assert isinstance(failure, ProxyFailure)
    assert "needs the password of its user" in failure.public.text


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=30), st.booleans())
def test_whatever_a_proxy_answers_is_a_connection_or_a_failure(answer: bytes, late: bool) -> None:
    def script(session: SocksSession) -> None:
        if late:
            session.accept_without_login()
            session.read_request()
        session.socket.sendall(answer)

    with ScriptedSocks(script) as server:
        try:
            connection = asyncio.run(connect_through(server.proxy, "127.0.0.1", SERVER, 25, seconds=2))
        except DeliveryFailure:
            return
        connection.abort()
    assert b"\x05\x00" in answer


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("127.0.0.1:9050", "127.0.0.1", 9050),
        (" proxy.Example:1080 ", "proxy.example", 1080),
        ("localhost:1", "localhost", 1),
        ("[2001:DB8::1]:65535", "2001:db8::1", 65535),
        ("bücher.example:1080", "xn--bcher-kva.example", 1080),
    ],
)
def test_the_address_of_a_proxy_is_a_host_and_a_port(text: str, host: str, port: int) -> None:
    assert parse_proxy_address(text) == (host, port)


@pytest.mark.parametrize(
    "text",
    [
        "", ":", ":1080", "proxy.example", "proxy.example:", "proxy.example:0", "proxy.example:65536",
        "proxy.example:+1", "proxy.example:١", "::1:1080", "[::1]", "[::1]1080", "[127.0.0.1]:1080",
        "[fe80::1%eth0]:1080", "[]:1", "a b:1", "192.0.2.256:1", "a..b:1", "socks5://proxy.example:1080",
    ],
)  # fmt: skip
def test_anything_else_is_no_address_of_a_proxy(text: str) -> None:
    with pytest.raises(ValueError, match=r"^(must|has|needs) "):
        parse_proxy_address(text)


@given(st.ip_addresses().filter(lambda ip: "%" not in str(ip)), st.integers(1, 65535))
def test_every_ip_address_with_a_port_is_read_as_it_was_written(ip: object, port: int) -> None:
    host = str(ip)
    assert parse_proxy_address(f"[{host}]:{port}" if ":" in host else f"{host}:{port}") == (host, port)
    assert str(Proxy(host, port)).endswith(f":{port}")


@given(st.text() | st.from_regex(r"[\[\]:0-9a-f.%]{0,20}:[0-9]{0,6}"))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        host, port = parse_proxy_address(text)
    except ValueError:
        return
    assert host
    assert 1 <= port <= 65535
