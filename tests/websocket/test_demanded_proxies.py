"""Backends that the environment lets be reached through a proxy only."""

import pytest

from tests.websocket.front import HELLO, Front, answer, handshake, opened
from tests.world.forwarding import Forwarding
from tests.world.raw_backend import RawBackend, accepting, read_all
from tests.world.waiting import wait_until
from webserver.handlers.forward.proxies import demanded_proxy
from webserver.routing.values import Backend

PLAIN = Backend("http://app.example:8000", False, "app.example", 8000)
SECURE = Backend("https://app.example", True, "app.example", 443)
SIX = Backend("http://[2001:db8::1]", False, "2001:db8::1", 80)
UNIX = Backend("http://unix:/x", False, "localhost", 80, unix_socket="/x")


@pytest.mark.parametrize(
    ("environment", "backend", "demanded"),
    [
        ({}, PLAIN, ""),
        ({"HTTP_PROXY": "http://p:1"}, PLAIN, "HTTP_PROXY"),
        ({"http_proxy": "http://p:1"}, PLAIN, "HTTP_PROXY"),
        ({"HTTPS_PROXY": "http://p:1"}, PLAIN, ""),
        ({"HTTPS_PROXY": "http://p:1"}, SECURE, "HTTPS_PROXY"),
        ({"HTTP_PROXY": "http://p:1"}, SECURE, ""),
        ({"HTTP_PROXY": ""}, PLAIN, ""),
        ({"HTTP_PROXY": "http://p:1"}, UNIX, ""),
        ({"HTTP_PROXY": "http://p:1", "NO_PROXY": "*"}, PLAIN, ""),
        ({"HTTP_PROXY": "http://p:1", "NO_PROXY": "other.example, .example"}, PLAIN, ""),
        ({"HTTP_PROXY": "http://p:1", "NO_PROXY": "APP.example:8000"}, PLAIN, ""),
        ({"HTTP_PROXY": "http://p:1", "no_proxy": "app.example:80"}, PLAIN, "HTTP_PROXY"),
        ({"HTTP_PROXY": "http://p:1", "NO_PROXY": "pp.example"}, PLAIN, "HTTP_PROXY"),
        ({"HTTP_PROXY": "http://p:1", "NO_PROXY": "[2001:db8::1]"}, SIX, ""),
        ({"HTTP_PROXY": "http://p:1", "NO_PROXY": "2001:db8::1"}, SIX, ""),
        ({"HTTP_PROXY": "http://p:1", "NO_PROXY": "2001:db8::2"}, SIX, "HTTP_PROXY"),
    ],
)
def test_variables_and_exceptions(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], backend: Backend, demanded: str
) -> None:
    for name in ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert demanded_proxy(backend) == demanded


def test_a_websocket_is_not_forwarded_past_a_demanded_proxy(front: Front) -> None:
    proxy = (("http_proxy", "http://127.0.0.1:1"),)
    with RawBackend(accepting(read_all)) as backend:
        front.use(Forwarding(f"http://127.0.0.1:{backend.port}", environment=proxy))
        status, _, _ = answer(front, handshake())
        assert status == 501
        assert backend.heads.empty()
    wait_until(
        lambda: (
            f"HTTP_PROXY in the environment demands a proxy for http://127.0.0.1:{backend.port}" in front.log
        ),
        "the reason is logged",
    )


def test_an_exception_lets_it_through(front: Front) -> None:
    proxy = (("http_proxy", "http://127.0.0.1:1"), ("no_proxy", "127.0.0.1"))
    with RawBackend(accepting(lambda connection: connection.sendall(connection.recv(64)))) as backend:
        front.use(Forwarding(f"http://127.0.0.1:{backend.port}", environment=proxy))
        with opened(front) as client:
            client.sendall(HELLO)
            assert read_all(client) == HELLO
