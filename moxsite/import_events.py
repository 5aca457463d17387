"""The stream of what happens in an import, as server-sent events.

A Channels consumer whose work is a task of its own: so it hears at once when the browser leaves. Each event's
id is its number, and a browser that comes back says which one it had last.
"""

import asyncio
import json
import logging
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qs

from channels.consumer import AsyncConsumer
from channels.exceptions import StopConsumer

from importer.models import Import, ImportEvent, State
from importer.staging.events import ABORTED, DONE
from mail import clock
from mail.models import Login
from mail.store import readers
from moxsite.import_wakes import wakes

log = logging.getLogger(__name__)

KEEPALIVE_SECONDS = 15.0
PAGE = 200
RETRY_MS = 1000

_HEADERS: Final = [
    (b"Content-Type", b"text/event-stream; charset=utf-8"),
    (b"Cache-Control", b"no-store, no-transform"),
    (b"X-Accel-Buffering", b"no"),  # nginx and others who learned it from there
    (b"X-Content-Type-Options", b"nosniff"),
    (b"Content-Security-Policy", b"default-src 'none'; frame-ancestors 'none'"),
]
_ENDS = frozenset({DONE, ABORTED})


class ImportEvents(AsyncConsumer):  # type: ignore[misc]  # channels has no types
    """Streams the events of one import to its own account."""

    _task: asyncio.Task[None] | None = None

    async def http_request(self, message: Mapping[str, Any]) -> None:
        """The request, whose body is not looked at."""
        if self._task is None:
            self._task = asyncio.create_task(self._answer())
            self._task.add_done_callback(_tell_failure)

    async def http_disconnect(self, message: Mapping[str, Any]) -> None:
        """The browser left."""
        if self._task is not None:
            self._task.cancel()
        raise StopConsumer

    async def _answer(self) -> None:
        if self.scope["method"] not in ("GET", "HEAD"):
            await self._refuse(405, "Use GET.")
            return
        login = self.scope.get("user")
        if not isinstance(login, Login) or not login.is_authenticated or not login.is_active:
            await self._refuse(403, "Log in first.")
            return
        row = await _read(_own_import, login.account_id, self.scope["url_route"]["kwargs"]["token"])
        if row is None:
            await self._refuse(404, "There is no such import.")
            return
        await self.send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await self._write(f"retry: {RETRY_MS}\n: welcome\n\n")
        if self.scope["method"] == "GET":
            await self._stream(row, _last_seen(self.scope))
        await self.send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _stream(self, import_id: int, seen: int) -> None:
        """Until the import is over, or until the browser leaves."""
        spoken = clock.monotonic()
        told = wakes()
        with told.of(import_id) as woken:
            while True:
                woken.clear()
                events, is_over = await _read(_following, import_id, seen)
                if events:
                    seen = events[-1][0]
                    spoken = clock.monotonic()
                    await self._write("".join(map(_lines, events)))
                if any(kind in _ENDS for _, kind, _ in events) or (is_over and not events):
                    return
                if clock.monotonic() - spoken > KEEPALIVE_SECONDS:
                    spoken = clock.monotonic()
                    await self._write(": keepalive\n\n")
                if len(events) < PAGE:
                    await told.wait(woken)

    async def _write(self, text: str) -> None:
        await self.send({"type": "http.response.body", "body": text.encode(), "more_body": True})

    async def _refuse(self, status: int, text: str) -> None:
        headers = [(b"Content-Type", b"text/plain; charset=utf-8"), (b"Cache-Control", b"no-store")]
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": f"{text}\n".encode(), "more_body": False})


Event = tuple[int, str, dict[str, Any]]


def _own_import(account_id: int | None, token: str) -> int | None:
    if account_id is None:
        return None
    return Import.objects.filter(account_id=account_id, token=token).values_list("id", flat=True).first()


def _following(import_id: int, seen: int) -> tuple[list[Event], bool]:
    """Events after the one seen last, and whether there will be no others. The state is read first: what it
    says has its event already."""
    state = Import.objects.filter(pk=import_id).values_list("state", flat=True).first()
    is_over = state in (None, State.DONE, State.ABORTED, State.UNDONE)
    found = ImportEvent.objects.filter(owner=import_id, seq__gt=seen).order_by("seq")[:PAGE]
    return list(found.values_list("seq", "kind", "data")), is_over


async def _read(function: Any, *arguments: Any) -> Any:
    return await asyncio.wrap_future(readers.run(function, *arguments))


def _lines(event: Event) -> str:
    """One event. JSON has no line breaks, so names from an archive can't begin a line of their own."""
    seq, kind, data = event
    return f"id: {seq}\nevent: {kind}\ndata: {json.dumps(data)}\n\n"


def _last_seen(scope: Mapping[str, Any]) -> int:
    """What the browser had last: by its header, or else by ?after=, which a page knows that shows what was
    before. 0 for one that comes anew."""
    value = dict(scope["headers"]).get(b"last-event-id", b"")
    if not value:
        value = (parse_qs(scope["query_string"]).get(b"after") or [b""])[-1]
    return int(value) if value.isdigit() and len(value) < 19 else 0


def _tell_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        log.error("an event stream failed", exc_info=task.exception())
