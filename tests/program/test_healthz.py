"""/healthz says whether the server can work, and nothing more."""

import pytest
from django.db import connections
from django.test import RequestFactory

from moxsite.health import healthz
from tests.world.world import World

REQUEST = RequestFactory()


def test_all_is_well(world: World) -> None:
    answer = healthz(REQUEST.get("/healthz"))
    assert answer.status_code == 200
    assert answer.content == b'{"status": "ok", "database": "ok", "queue": "ok"}'
    assert "no-store" in answer["Cache-Control"]


def test_a_database_without_our_tables_is_503_and_the_cause_is_logged_only(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("ALTER TABLE mail_generation RENAME TO mail_elsewhere")
    try:
        answer = healthz(REQUEST.get("/healthz"))
    finally:
        with connections["default"].cursor() as cursor:
            cursor.execute("ALTER TABLE mail_elsewhere RENAME TO mail_generation")
    assert answer.status_code == 503
    assert answer.content == b'{"status": "failing", "database": "failing"}'
    assert "database does not answer" in caplog.text


def test_only_reading_is_allowed(world: World) -> None:
    assert healthz(REQUEST.post("/healthz")).status_code == 405
