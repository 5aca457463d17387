"""The admin's page of backends, and what explain says of them and of limits."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from tests.configfile.applying import apply
from tests.world.telling import telling
from tests.world.world import World
from webserver.models import WebHandler
from webserver.recent.asked import run_folder

pytestmark = pytest.mark.only_database("sqlite")

FIRST, SECOND = "http://127.0.0.1:9001", "http://127.0.0.1:9002"
URL = "https://www.example.org/"


@pytest.fixture
def admin(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    apply(f"""
[[web.handlers]]
name = "app"
domain = "www.example.org"
rate_per_minute = 60
forward = {{ urls = ["{FIRST}", "{SECOND}"], health_path = "/healthz", health_seconds = 5 }}
""")
    monkeypatch.setattr(settings, "DATA", tmp_path)
    client = Client(headers={"host": "localhost"})
    client.force_login(world.admin)
    return client


def state(url: str, problem: str = "", checked: int = 0) -> dict[str, object]:
    return {"url": url, "problem": problem, "checked": checked}


def rates(own: int = 1, handler: int = 2) -> dict[str, object]:
    number = WebHandler.objects.get().pk
    return {"own": [own, 6000], "network": [own, 30_000], "handlers": {str(number): handler}}


def explained(*arguments: str) -> str:
    out = StringIO()
    call_command("webserver", "explain", *arguments, stdout=out)
    return out.getvalue()


def test_it_shows_what_edge_processes_tell(admin: Client) -> None:
    assert "not asked yet" in admin.get("/admin/backends/").content.decode()
    one = {"backends": [state(FIRST), state(SECOND)]}
    other = {"backends": [state(FIRST, "answers 503 instead of one below 400", 1_700_000_000_000_000)]}
    with telling(run_folder(), says=one), telling(run_folder(), says=other, process=2):
        page = admin.get("/admin/backends/").content.decode()
    for text in (FIRST, SECOND, "asked last", "answers 503", "well", "/healthz", "every 5 s", "2023"):
        assert text in page, text


def test_explain_says_which_backend_would_be_asked_and_what_is_wrong_with_others(admin: Client) -> None:
    assert f"target: {FIRST}/" in explained(URL)
    told = {"backends": [state(FIRST, "no answer in time", 1), state(SECOND, "", 1)]}
    with telling(run_folder(), 1, told):
        said = explained(URL)
    assert f"target: {SECOND}/" in said
    assert f"its health check passes; {FIRST} is asked last: no answer in time" in said


def test_explain_says_how_near_a_client_is_to_its_limits(admin: Client) -> None:
    with telling(run_folder(), 2, {"rates": rates(), "backends": []}):
        said = explained(URL, "--client", "192.0.2.7")
    assert said.startswith(
        "192.0.2.7 is within its limit (1 of 6000 requests in the last minute, its network "
    )
    assert "192.0.2.7 has made 2 of the 60 requests a minute that it admits" in said
    with telling(run_folder(), 2, {"rates": rates(handler=60)}):
        said = explained(URL, "--client", "192.0.2.7", "--json")
    assert json.loads(said)["status"] == 429
    with telling(run_folder(), 2, {"rates": rates(own=6000)}):
        page = admin.get("/admin/websites/explain/", {"url": URL, "client": "192.0.2.7"}).content.decode()
    assert "192.0.2.7 is over its limit: answers 429 (6000 of 6000 requests" in page
