"""Backends that the environment lets be reached through an HTTP proxy."""

import contextlib
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from tests.edge.backends import Talker, talking
from tests.edge.sites import handler, site
from tests.world.waiting import wait_until
from webserver.handlers.forward.proxies import http_proxy
from webserver.handlers.forward.serving.pools import Pools
from webserver.routing.values import Backend, ForwardSettings, HealthCheck

pytestmark = pytest.mark.only_database("sqlite")

PLAIN = Backend("http://app.example:8000/base?x=y", False, "app.example", 8000, "/base", "x=y")
SECURE = Backend("https://app.example", True, "app.example", 443)


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)


def answering(talker: Talker) -> None:
    """Says what it was asked."""
    while head := talker.head():
        talker.say(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(head), head))


def test_plain_requests_name_the_backend_to_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with talking(answering) as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://me:se%3Acret@127.0.0.1:{proxy.backend.port}")
        with site(handler(ForwardSettings((PLAIN,)))) as edge:
            for _ in range(2):
                head = edge.get("/a?b").content
                assert head.startswith(b"GET http://app.example:8000/base/a?x=y&b HTTP/1.1\r\n")
                assert b"\r\nProxy-Authorization: Basic bWU6c2U6Y3JldA==\r\n" in head
                assert b"\r\nX-Forwarded-Host: www.example.org\r\n" in head
        assert proxy.connections == 1


def test_exceptions_go_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    with talking(answering) as backend:
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        with site(handler(ForwardSettings((backend.backend,)))) as edge:
            assert edge.get("/").content.startswith(b"GET / HTTP/1.1\r\n")


def test_health_is_asked_through_the_proxy_too(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bytes] = []

    def talk(talker: Talker) -> None:
        seen.append(talker.head())
        talker.say(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    with talking(talk) as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"127.0.0.1:{proxy.backend.port}")
        with site(handler(ForwardSettings((PLAIN,), health=HealthCheck("/ok")))):
            wait_until(lambda: bool(seen), "the check was sent")
    assert seen[0].startswith(b"GET http://app.example:8000/ok HTTP/1.1\r\nHost: app.example:8000\r\n")


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        (b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n", "opens no tunnel: it answers 403"),
        (b"HTTP/1.1 200 OK\r\n\r\nmore", "says more than it should"),
        (b"nonsense\r\n\r\n", "status line can't be read"),
        (b"", "closed the connection"),
    ],
)
def test_a_tunnel_that_is_refused_is_502(monkeypatch: pytest.MonkeyPatch, said: bytes, cause: str) -> None:
    heads: list[bytes] = []

    def talk(talker: Talker) -> None:
        heads.append(talker.head())
        talker.say(said)

    with talking(talk) as proxy:
        monkeypatch.setenv("https_proxy", f"http://me@127.0.0.1:{proxy.backend.port}/")
        with site(handler(ForwardSettings((SECURE,)))) as edge:
            assert edge.get("/").status == 502
            assert cause in edge.recorder.wait_for(1)[0].error
    assert heads[0] == (
        b"CONNECT app.example:443 HTTP/1.1\r\nHost: app.example:443\r\n"
        b"Proxy-Authorization: Basic bWU6\r\n\r\n"
    )


@pytest.mark.parametrize("value", ["socks5://127.0.0.1:1", "http://", "http://a:port", "https://proxy"])
def test_a_proxy_that_can_not_be_used_is_never_gone_past(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("HTTP_PROXY", value)
    proxy = http_proxy(PLAIN)
    assert proxy is not None
    assert proxy.problem.startswith("HTTP_PROXY")
    with talking(answering) as backend, site(handler(ForwardSettings((backend.backend,)))) as edge:
        assert edge.get("/").status == 502
        assert "HTTP_PROXY" in edge.recorder.wait_for(1)[0].error
        assert backend.connections == 0


@contextlib.contextmanager
def tinyproxy(folder: Path) -> Iterator[int]:
    """tinyproxy on a free port of loopback."""
    program = shutil.which("tinyproxy")
    if program is None:
        pytest.skip("tinyproxy is not installed")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (folder / "tinyproxy.conf").write_text(f"Port {port}\nListen 127.0.0.1\nAllow 127.0.0.1\nMaxClients 20\n")
    command = [program, "-d", "-c", str(folder / "tinyproxy.conf")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def answers() -> bool:
        assert process.poll() is None
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return True
        return False

    try:
        wait_until(answers, "tinyproxy answers")
        yield port
    finally:
        process.terminate()
        process.wait(20)


@contextlib.contextmanager
def secure_backend(authority: trustme.CA) -> Iterator[int]:
    """A backend in TLS that is localhost."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)

    def talk(talker: Talker) -> None:
        with context.wrap_socket(talker.connection, server_side=True) as secure:
            answering(Talker(secure))

    with talking(talk) as backend:
        yield backend.backend.port


@pytest.mark.external
def test_through_tinyproxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = trustme.CA()

    def trusting() -> ssl.SSLContext:
        context = ssl.create_default_context()
        authority.configure_trust(context)
        return context

    monkeypatch.setattr(Pools.__init__, "__defaults__", (trusting,))
    with tinyproxy(tmp_path) as port, talking(answering) as plain, secure_backend(authority) as secure:
        for name in ("http_proxy", "https_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
        https = Backend(f"https://localhost:{secure}", True, "localhost", secure)
        with site(
            handler(ForwardSettings((plain.backend,)), "plain", "^/plain"),
            handler(ForwardSettings((https,)), "secure", "^/secure"),
        ) as edge:
            for path in ("/plain", "/secure"):
                answer = edge.get(path)
                assert answer.status == 200, edge.recorder.exchanges[-1].error
                assert answer.content.startswith(f"GET {path} HTTP/1.1\r\n".encode())
            assert b"\r\nVia: " in edge.get("/plain").content
            assert b"\r\nVia: " not in edge.get("/secure").content
