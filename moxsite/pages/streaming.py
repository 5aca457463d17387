"""Answers that are sent piece by piece, so that a message of any size passes through little memory."""

import asyncio
from collections.abc import AsyncIterator, Iterator

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse

from mail.store import readers


def streamed(request: HttpRequest, pieces: Iterator[bytes], content_type: str) -> StreamingHttpResponse:
    """A response with these bytes.

    Under ASGI Django would collect a synchronous iterator whole before it sends anything; each piece is
    fetched in a reader thread instead, when the one before it was sent.
    """
    if isinstance(request, ASGIRequest):
        return StreamingHttpResponse(_by_readers(pieces), content_type=content_type)
    return StreamingHttpResponse(pieces, content_type=content_type)


async def _by_readers(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    while (piece := await asyncio.wrap_future(readers.run(_following, pieces))) is not None:
        yield piece


def _following(pieces: Iterator[bytes]) -> bytes | None:
    return next(pieces, None)
