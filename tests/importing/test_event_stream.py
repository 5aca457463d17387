import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest
from asgiref.sync import SyncToAsync
from channels.testing import HttpCommunicator
from django.conf import settings
from django.db import connections
from django.test import override_settings

from importer.models import Import
from importer.staging.control import AbortImport
from mail.models import Login
from moxsite import import_wakes
from moxsite.asgi import application
from tests.importing.mailfiles import brought_in, mbox, run, uploaded
from tests.pages.visiting import visit_as
from tests.world.workers import missing_redis, redis_server
from tests.world.world import World

T = TypeVar("T")
pytestmark = pytest.mark.only_database("sqlite")


def cookies(login: Login | None) -> list[tuple[bytes, bytes]]:
    if login is None:
        return []
    session = visit_as(login).cookies[settings.SESSION_COOKIE_NAME].value
    return [(b"cookie", f"{settings.SESSION_COOKIE_NAME}={session}".encode())]


class Stream:
    """A browser that listens to an import."""

    def __init__(self, row: Import, headers: list[tuple[bytes, bytes]], query: str = "") -> None:
        path = f"/import/{row.token}/events{query}"
        self._communicator = HttpCommunicator(application, "GET", path, headers=headers)
        self.status = 0

    async def begin(self) -> None:
        await self._communicator.send_input({"type": "http.request", "body": b"", "more_body": False})
        start = await self._communicator.receive_output(20)
        self.status = start["status"]

    async def rest(self, until: str = "") -> str:
        """What comes until the end, or until a text has come."""
        text = ""
        while True:
            message: dict[str, Any] = await self._communicator.receive_output(20)
            text += bytes(message["body"]).decode()
            if not message.get("more_body") or (until and until in text):
                return text

    async def leave(self) -> None:
        await self._communicator.send_input({"type": "http.disconnect"})
        await self._communicator.wait(20)


def listen(work: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(work)
    finally:
        SyncToAsync.single_thread_executor.submit(_forget_database).result()


def _forget_database() -> None:
    """The thread for what is not asynchronous outlives the test and its database."""
    connections["default"].close()
    del connections["default"]


async def whole(row: Import, headers: list[tuple[bytes, bytes]], query: str = "") -> tuple[int, str]:
    stream = Stream(row, headers, query)
    await stream.begin()
    text = await stream.rest()
    await stream.leave()
    return stream.status, text


def ids(text: str) -> list[int]:
    return [int(line[4:]) for line in text.splitlines() if line.startswith("id: ")]


def test_who_comes_late_hears_everything_and_the_end(world: World) -> None:
    row = brought_in(world, world.alice, "x.mbox", mbox(range(5)), mapping={"*": "New"})
    status, text = listen(whole(row, cookies(world.alice.login)))
    assert status == 200
    assert ids(text) == list(range(1, row.last_seq + 1))
    assert 'event: count\ndata: {"mailbox": "New", "count": 5' in text
    assert text.rstrip().splitlines()[-2] == "event: done"


def test_who_comes_back_hears_what_is_new(world: World) -> None:
    row = brought_in(world, world.alice, "x.mbox", mbox(range(5)), mapping={"*": "New"})
    headers = [*cookies(world.alice.login), (b"last-event-id", str(row.last_seq - 1).encode())]
    status, text = listen(whole(row, headers))
    assert status == 200, (status, text)
    assert ids(text) == [row.last_seq]
    headers[-1] = (b"last-event-id", str(row.last_seq).encode())
    assert ids(listen(whole(row, headers))[1]) == []
    del headers[-1]
    assert ids(listen(whole(row, headers, f"?after={row.last_seq - 2}"))[1]) == [
        row.last_seq - 1,
        row.last_seq,
    ]


def test_nobody_else_hears_anything(world: World) -> None:
    row = uploaded(world.alice, "x.mbox", mbox([1]))
    assert listen(whole(row, cookies(None)))[0] == 403
    assert listen(whole(row, cookies(world.bob.login)))[0] == 404
    row.token = "0" * 32
    assert listen(whole(row, cookies(world.alice.login)))[0] == 404


def heard_of_an_abort(world: World, reason: str) -> str:
    """All that a stream says of an import that is aborted once its preview was shown."""
    row = run(world, uploaded(world.alice, "x.mbox", mbox([1]), preview=True))
    headers = cookies(world.alice.login)

    async def listening() -> str:
        stream = Stream(row, headers)
        await stream.begin()
        first = await stream.rest(until="The preview is ready")
        world.writer.submit(AbortImport(row.pk, reason))
        rest = await stream.rest()
        await stream.leave()
        return first + rest

    return listen(listening())


def test_an_abort_ends_the_streams_that_are_open(world: World) -> None:
    text = heard_of_an_abort(world, "<b>Enough</b>\nid: 7")
    assert "event: aborted" in text
    assert "\nid: 7" not in text


def test_a_listener_that_leaves_is_forgotten_at_once(world: World) -> None:
    row = run(world, uploaded(world.alice, "x.mbox", mbox([1]), preview=True))
    headers = cookies(world.alice.login)

    async def leaving() -> int:
        stream = Stream(row, headers)
        await stream.begin()
        await stream.rest(until="The preview is ready")
        await stream.leave()
        await asyncio.sleep(0)
        return len([task for task in asyncio.all_tasks() if "_answer" in repr(task)])

    assert listen(leaving()) == 0


def test_news_come_over_redis_where_it_is_named(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if missing_redis():
        pytest.skip("redis-server is not installed")
    monkeypatch.setattr(import_wakes, "LOOK_SECONDS", 3600.0)
    monkeypatch.setattr(import_wakes, "HEARING_LOOK_SECONDS", 3600.0)
    with redis_server(tmp_path) as url, override_settings(MOXSITE_REDIS_URL=url):
        assert "event: aborted" in heard_of_an_abort(world, "Enough")
