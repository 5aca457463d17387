"""The configuration changes while requests are under way: none fails, and the next one sees the change."""

import threading
from pathlib import Path

from tests.edge.backends import echoing, talking
from tests.edge.sites import HOST, handler, install, site
from webserver.routing.values import (
    BaseUrl,
    ForwardSettings,
    RedirectSettings,
    StaticSettings,
    web_snapshot,
)

CHANGES = 30


def test_no_request_fails_while_the_configuration_changes(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"file")
    seen: list[bytes] = []
    with talking(echoing(seen)) as one, talking(echoing(seen)) as other:
        files = handler(StaticSettings(str(tmp_path), "/files"), "files", "^/files/")
        webs = [
            web_snapshot({f"{number}.example": HOST}, (files, handler(ForwardSettings((backend.backend,)))))
            for number, backend in enumerate((one, other))
        ]
        with site(*webs[0].handlers) as edge:
            statuses: list[int] = []
            stopping = threading.Event()

            def ask(path: bytes) -> None:
                request = b"GET %b HTTP/1.1\r\nHost: %b\r\n\r\n" % (path, HOST.encode())
                with edge.connect() as client:
                    while not stopping.is_set():
                        client.sendall(request)
                        received = client.recv(65536)
                        while received and b"\r\n\r\n" not in received:
                            received += client.recv(65536)
                        statuses.append(int(received[9:12] or 0))

            threads = [threading.Thread(target=ask, args=(path,)) for path in (b"/x", b"/files/a.txt", b"/y")]
            for thread in threads:
                thread.start()
            for number in range(CHANGES):
                install(edge, webs[number % 2])
                edge.recorder.wait_for(len(edge.recorder.exchanges) + 3)
            stopping.set()
            for thread in threads:
                thread.join(10)
    assert len(statuses) >= 3 * CHANGES
    assert set(statuses) == {200}


def test_the_next_request_sees_the_change_also_on_an_open_connection() -> None:
    first = handler(RedirectSettings(BaseUrl("https", "a.example"), None, ""))
    second = handler(RedirectSettings(BaseUrl("https", "b.example"), None, ""))
    with site(first) as edge, edge.connect() as client:
        request = f"GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()
        client.sendall(request)
        assert b"Location: https://a.example/" in client.recv(65536)
        install(edge, web_snapshot({}, (second,)))
        client.sendall(request)
        assert b"Location: https://b.example/" in client.recv(65536)


def test_stopping_lets_requests_under_way_finish() -> None:
    with site() as edge, edge.connect() as idle, edge.connect() as busy:
        idle.sendall(f"GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
        assert idle.recv(65536).startswith(b"HTTP/1.1 404")
        busy.sendall(b"GET / HT")
        edge.loop.call_soon_threadsafe(lambda: edge.loop.create_task(edge.edge.stop(5)))
        assert idle.recv(100) == b""
        assert busy.recv(100) == b""
