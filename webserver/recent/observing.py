"""Tells the notes of a process about every exchange of its edge that is over."""

import logging
from pathlib import Path
from typing import Protocol

from mail import clock
from webserver.edge.exchange import Exchange
from webserver.recent.noting import RecentRequests
from webserver.recent.records import Answered

log = logging.getLogger(__name__)


class Next(Protocol):
    """Whoever observes exchanges too."""

    def ended(self, exchange: Exchange) -> None:
        """The exchange is over."""


class NotesRecent:
    """An observer in front of another one. A request whose id was shown can be looked up from now on."""

    def __init__(self, recent: RecentRequests, following: Next) -> None:
        self._recent = recent
        self._following = following

    def ended(self, exchange: Exchange) -> None:
        """Note what was asked for, and what was decided if somebody may ask about it."""
        request = exchange.request
        host = request.authority.name
        if host:
            self._recent.note_asked(request.scheme, host, request.path.raw)
        if exchange.has_id:
            self._recent.note_answer(_answered(exchange))
        self._following.ended(exchange)


def observe_recent(folder: Path, following: Next) -> Next:
    """Keep notes in this folder until the process ends. Where that can't be, do without, and say so."""
    try:
        return NotesRecent(RecentRequests(folder), following)
    except OSError as error:
        fields = {"folder": str(folder), "error": str(error)}
        log.warning("ids of error pages can't be looked up: no notes are kept", extra={"fields": fields})
        return following


def _answered(exchange: Exchange) -> Answered:
    head = exchange.head
    return Answered(
        id=exchange.id,
        moment=clock.now(),
        method=head.method.decode("latin-1"),
        scheme=exchange.scheme,
        host=exchange.request.host or head.host.decode("latin-1"),
        target=head.target.decode("latin-1"),
        client=exchange.client,
        handler=exchange.handler,
        status=exchange.status,
        reason=exchange.error,
    )
