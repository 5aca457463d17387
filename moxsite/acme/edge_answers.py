"""Letting the edge answer challenges, at every host, before any redirect or handler."""

import asyncio

from mail.store import readers
from moxsite.acme.answering import answer_for
from webserver.dispatch.system import SystemAnswer, SystemRequest, system_handlers
from webserver.routing.system import ACME_PREFIX, SystemEndpoint


def register_challenges() -> None:
    """For an edge process, before it starts."""
    system_handlers().register(SystemEndpoint.ACME, _answer)


async def _answer(asked: SystemRequest) -> SystemAnswer | None:
    token = asked.request.path.decoded.removeprefix(ACME_PREFIX)
    answer = await asyncio.wrap_future(readers.run(answer_for, token))
    return None if answer is None else SystemAnswer(answer, "application/octet-stream")
