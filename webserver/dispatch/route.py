"""Where a request goes under one configuration: found out once, and kept with its line, which repeats."""

from typing import Final, NamedTuple

from webserver.edge.exchange import Exchange
from webserver.handlers.serving.service import Answer, Service
from webserver.routing.request import Request
from webserver.routing.values import Handler, StaticSettings, WebSnapshot
from webserver.routing.verdicts import Verdict, judge

MOST_CLIENTS: Final = 8
"""Whose routes are kept with one line."""


class Offer(NamedTuple):
    """A handler that has something to say about the request."""

    handler: Handler
    verdict: Verdict
    service: Service
    compress: bool


class Route:
    """What is decided by scheme, host, path and client alone; limits, passwords and files come later.

    `answer` is who answers without being asked first, under `name`. Without it handlers are asked.
    """

    __slots__ = (
        "_handlers",
        "_host",
        "_offers",
        "_scheme",
        "_services",
        "_web",
        "answer",
        "compress",
        "name",
        "request",
    )

    def __init__(
        self, web: WebSnapshot, services: dict[int, Service], exchange: Exchange, request: Request
    ) -> None:
        self._web = web
        self._scheme = exchange.scheme
        self._host = exchange.forwarded_host
        self.request = request
        self.answer: Answer | None = None
        self.name = ""
        self.compress = False
        self._services = services
        self._handlers = iter(web.handlers_of(request.host))
        self._offers: list[Offer] = []

    def holds(self, web: WebSnapshot, exchange: Exchange) -> bool:
        """Whether it is the route of this exchange too, which has the same line and client."""
        return self._web is web and self._scheme == exchange.scheme and self._host == exchange.forwarded_host

    def begin_with_handlers(self) -> None:
        """Have the first of them answer, if nothing but its taking the request can come of asking it."""
        first = self.offer(0)
        if first is None or first.verdict is not Verdict.RUNS:
            return
        handler = first.handler
        if not (handler.rate_per_minute or handler.basic_auth):
            self.answer, self.name, self.compress = first.service.answer, handler.name, first.compress

    def offer(self, position: int) -> Offer | None:
        """The handlers to ask, in order; None behind the last. No more are judged than somebody asks for."""
        while position >= len(self._offers):
            handler = next(self._handlers, None)
            if handler is None:
                return None
            verdict = judge(handler, self.request)
            if verdict is not Verdict.PATH_DIFFERS:
                compress = handler.compress and not isinstance(handler.settings, StaticSettings)
                self._offers.append(Offer(handler, verdict, self._services[handler.id], compress))
        return self._offers[position]
