"""The admin's page of open websockets."""

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from tests.world.world import World
from webserver.recent.asked import run_folder

pytestmark = pytest.mark.only_database("sqlite")


@pytest.fixture
def admin(world: World) -> Client:
    client = Client(headers={"host": "localhost"})
    client.force_login(world.admin)
    return client


@pytest.fixture
def telling(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A process that has one tunnel and says it has 501."""
    monkeypatch.setattr(settings, "DATA", tmp_path)
    run_folder().mkdir(parents=True)
    tunnel = {
        "handler": "chat",
        "url": "https://chat.example/<room>",
        "client": "192.0.2.7",
        "backend": "http://127.0.0.1:9000",
        "since": 1,
        "to_client": 2_000_000,
        "from_client": 5,
    }
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(run_folder() / "tunnels.1"))
        listener.listen()

        def tell() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(json.dumps({"count": 501, "tunnels": [tunnel]}).encode())

        thread = threading.Thread(target=tell)
        thread.start()
        yield
        thread.join()


def test_it_shows_what_edge_processes_tell(admin: Client, telling: None) -> None:
    page = admin.get("/admin/websockets/").content.decode()
    assert "The newest 1 of 501 open" in page
    for text in ("chat", "https://chat.example/&lt;room&gt;", "192.0.2.7", "http://127.0.0.1:9000", "2.0 MB"):
        assert text in page


def test_it_says_when_there_are_none(admin: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "DATA", tmp_path)
    assert "None is open" in admin.get("/admin/websockets/").content.decode()
