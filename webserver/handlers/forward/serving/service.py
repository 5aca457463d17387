"""A forward handler of the configuration in force, ready to take requests."""

import asyncio
from collections.abc import Callable, Sequence

from webserver.edge.answers import KnownFields
from webserver.edge.exchange import Exchange
from webserver.edge.field_section import Field, tokens
from webserver.handlers.forward.serving.fields import Onward, PassedOn, as_lines
from webserver.handlers.forward.serving.forwarding import Forwarding
from webserver.handlers.forward.serving.pool import Pool
from webserver.handlers.forward.serving.pools import Pools
from webserver.handlers.forward.serving.response import ResponseHead
from webserver.handlers.forward.target import join_target, target_path
from webserver.handlers.serving.fields import set_fields, wire_fields
from webserver.handlers.serving.service import Declined
from webserver.routing.values import Backend, ForwardSettings, Handler

OnUpgrade = Callable[[Exchange, "ForwardService"], None]
"""Answers a request to change to websockets (webserver.websocket)."""


class ForwardService:
    """What all requests of one handler have in common."""

    def __init__(
        self,
        handler: Handler,
        settings: ForwardSettings,
        pools: Pools,
        upgrade: OnUpgrade | None = None,
        more_request_fields: Sequence[Field] = (),
    ) -> None:
        self.handler = handler
        self.settings = settings
        self.pools = pools
        self.tasks: set[asyncio.Task[None]] = set()
        self._upgrade = upgrade
        self._only = [pools.pool(settings.backends[0])] if len(settings.backends) == 1 else []
        self._fields = wire_fields(settings.response_headers)
        self.more_request_fields = more_request_fields
        """What a backend is told besides."""
        self.more_request_lines = as_lines(more_request_fields)

    def take(self, exchange: Exchange, declined: Declined) -> bool:
        """See Service. It takes whatever it is asked for."""
        self.answer(exchange)
        return True

    def answer(self, exchange: Exchange) -> None:
        """See Service."""
        upgrade = exchange.head.upgrade
        if upgrade and self._upgrade is not None and b"websocket" in tokens(upgrade):
            self._upgrade(exchange, self)
        else:
            Forwarding(self, exchange).begin()

    def pools_in_order(self) -> list[Pool]:
        """The backends to ask, one after the other."""
        return self._only or self.pools.in_order(self.settings.backends)

    def path(self, exchange: Exchange) -> str:
        """The path of the request, as `join_target` takes it."""
        return target_path(exchange.request.path, self.handler.path, strip=self.settings.strip_path)

    def target(self, backend: Backend, exchange: Exchange) -> bytes:
        """The request target for a backend."""
        if exchange.head.target == b"*":
            return b"*"
        return join_target(backend, self.path(exchange), exchange.request.query).encode("latin-1")

    def request_head(self, pool: Pool, exchange: Exchange) -> bytes:
        """The request for the backend of this pool."""
        made_for = (self, pool, exchange.forwarded_host, exchange.scheme)
        passed_on = exchange.head.passed_on
        if passed_on is None or passed_on.made_for != made_for:
            onward = exchange.head.line.onward
            if onward is None or onward.service is not self or onward.pool is not pool:
                target = self.target(pool.backend, exchange)
                onward = exchange.head.line.onward = Onward(self, pool, target)
            more = self.more_request_lines + pool.proxy_lines
            passed_on = exchange.head.passed_on = PassedOn(exchange, onward.target, more, made_for)
        return passed_on.of(exchange)

    def answer_fields(self, response: ResponseHead) -> KnownFields:
        """The fields of an answer, with those that the handler sets."""
        if not self._fields:
            return response.fields
        if response.changed is None or response.changed[0] is not self:
            response.changed = (self, KnownFields(set_fields(response.fields, self._fields)))
        return response.changed[1]
