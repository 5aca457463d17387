"""The admin's page of open websockets."""

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from tests.world.telling import telling
from tests.world.world import World
from webserver.recent.asked import run_folder

pytestmark = pytest.mark.only_database("sqlite")


@pytest.fixture
def admin(world: World) -> Client:
    client = Client(headers={"host": "localhost"})
    client.force_login(world.admin)
    return client


def test_it_shows_what_edge_processes_tell(
    admin: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "DATA", tmp_path)
    with telling(run_folder()):
        page = admin.get("/admin/websockets/").content.decode()
    assert "The newest 1 of 501 open" in page
    for text in ("chat", "https://chat.example/&lt;room&gt;", "192.0.2.7", "http://127.0.0.1:9000", "2.0 MB"):
        assert text in page


def test_it_says_when_there_are_none(admin: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "DATA", tmp_path)
    assert "None is open" in admin.get("/admin/websockets/").content.decode()
