"""What is remembered of a request holds for those that say the same, and for nobody else."""

import socket
from contextlib import ExitStack
from ipaddress import ip_network

from tests.edge.backends import echoing, talking
from tests.edge.serving import EdgeUnderTest
from tests.edge.sites import HOST, handler, install, site
from webserver.dispatch.route import MOST_CLIENTS
from webserver.routing.values import BaseUrl, ForwardSettings, RedirectSettings, web_snapshot

REQUEST = f"GET /a HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()


def ask(client: socket.socket, request: bytes = REQUEST) -> bytes:
    """The head of the answer, and its content as far as it has come with it."""
    client.sendall(request)
    received = b""
    while b"\r\n\r\n" not in received:
        received += client.recv(65536)
    return received


def connect_from(edge: EdgeUnderTest, address: str) -> socket.socket:
    """A connection from this address of loopback."""
    return socket.create_connection(("127.0.0.1", edge.port), 10, (address, 0))


def test_each_client_is_judged_and_told_of_by_its_own_address() -> None:
    seen: list[bytes] = []
    with talking(echoing(seen)) as backend:
        inside = handler(ForwardSettings((backend.backend,)), allow_networks=(ip_network("127.0.1.0/24"),))
        with site(inside) as edge, ExitStack() as stack:
            addresses = [f"127.0.{number % 2}.{number + 1}" for number in range(2 * MOST_CLIENTS)]
            clients = [stack.enter_context(connect_from(edge, address)) for address in addresses]
            for _ in range(2):
                for address, client in zip(addresses, clients, strict=True):
                    inside_network = address.startswith("127.0.1.")
                    assert ask(client)[9:12] == (b"200" if inside_network else b"403")
                    if inside_network:
                        assert f"\r\nX-Forwarded-For: {address}\r\n".encode() in seen[-1]


def test_who_asks_for_the_same_is_passed_on_with_own_cookie_address_and_host() -> None:
    seen: dict[str, list[bytes]] = {HOST: [], "other.example": []}
    with talking(echoing(seen[HOST])) as one, talking(echoing(seen["other.example"])) as two:
        first = handler(ForwardSettings((one.backend,)))
        second = handler(ForwardSettings((two.backend,)), "other", domain="other.example")
        with site(first, second) as edge, ExitStack() as stack:
            clients = {
                address: stack.enter_context(connect_from(edge, address))
                for address in ("127.0.0.2", "127.0.0.3", "127.0.0.4")
            }
            for turn in range(3):
                for address, client in clients.items():
                    host = "other.example" if address == "127.0.0.4" else HOST
                    own = f"Host: {host}\r\nCookie: of={address}{turn}\r\n"
                    ask(client, f"GET /a HTTP/1.1\r\n{own}\r\n".encode())
                    told = f"X-Forwarded-For: {address}\r\nX-Forwarded-Host: {host}\r\n"
                    assert f"{own}{told}".encode() in seen[host][-1]
    assert [len(heads) for heads in seen.values()] == [6, 3]


def test_what_a_trusted_proxy_says_counts_for_its_requests_alone() -> None:
    told = REQUEST[:-2] + b"X-Forwarded-Proto: https\r\nX-Forwarded-Host: b.example\r\n\r\n"
    to_https = handler(RedirectSettings(BaseUrl("", "c.example"), None, ""), dont_redirect_plain_http=False)
    other = handler(RedirectSettings(BaseUrl("", "d.example"), None, ""), "other", domain="b.example")
    with (
        site(to_https, other, trusted=[ip_network("127.0.0.2")]) as edge,
        connect_from(edge, "127.0.0.2") as proxy,
        connect_from(edge, "127.0.0.3") as client,
    ):
        for _ in range(2):
            assert b"Location: //d.example/a\r\n" in ask(proxy, told)
            assert f"Location: https://{HOST}/a\r\n".encode() in ask(client, told)


def test_the_same_request_goes_where_the_present_configuration_says() -> None:
    seen: list[list[bytes]] = [[], []]
    with talking(echoing(seen[0])) as one, talking(echoing(seen[1])) as other:
        webs = [
            web_snapshot({}, (handler(ForwardSettings((one.backend,), response_headers=(("X-A", "1"),))),)),
            web_snapshot({}, (handler(ForwardSettings((other.backend,), response_headers=(("X-A", "2"),))),)),
            web_snapshot({}, (handler(ForwardSettings((one.backend,)), path="^/b"),)),
            web_snapshot({HOST: "new.example"}, ()),
            web_snapshot({}, (), own_hosts=frozenset({HOST})),
        ]
        expected = [b"X-A: 1", b"X-A: 2", b"HTTP/1.1 404", b"https://new.example/a", b"HTTP/1.1 502"]
        with site() as edge, edge.connect() as client:
            for web, text in zip(2 * webs, 2 * expected, strict=True):
                install(edge, web)
                assert text in ask(client)
                assert text in ask(client)
    assert [len(heads) for heads in seen] == [4, 4]


def test_a_limit_counts_every_request_also_the_same_one() -> None:
    limited = handler(RedirectSettings(BaseUrl("http", "a.example"), None, ""), rate_per_minute=3)
    with site(limited) as edge, edge.connect() as client:
        assert [ask(client)[9:12] for _ in range(5)] == [b"308"] * 3 + [b"429"] * 2
