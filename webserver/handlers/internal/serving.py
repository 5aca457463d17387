"""The program's own pages at another host or path."""

import re
from typing import Final

from webserver.edge.exchange import Exchange
from webserver.handlers.forward.serving.pools import Pools
from webserver.handlers.forward.serving.service import ForwardService
from webserver.handlers.serving.service import redirect
from webserver.routing.paths import encode
from webserver.routing.values import Backend, ForwardSettings, Handler, InternalSettings

PREFIX_FIELD: Final = b"X-Forwarded-Prefix"
"""Tells the pages process below which path it is seen. Only we can say that to it: clients' are removed."""

ADMIN: Final = "admin/"
SHARED: Final = ("login/", "logout/", "static/")
"""What both services need; all else below a base path is the account's or, below admin/, the admin's."""

PAGES_SECONDS: Final = 600.0
"""How long a page may take: the pages process itself ends what takes too long."""


def pages_settings(pages: Backend) -> ForwardSettings:
    """How the pages process is reached."""
    return ForwardSettings((pages,), connect_seconds=20.0, response_seconds=PAGES_SECONDS)


def pages_handler(pages: Backend) -> Handler:
    """The handler of account and admin pages on this server's own hosts."""
    return Handler(0, "(pages)", "*", re.compile(""), pages_settings(pages), dont_redirect_plain_http=True)


class InternalService(ForwardService):
    """Passes requests below a path on to the pages process, which is told of the path."""

    def __init__(
        self,
        handler: Handler,
        settings: InternalSettings,
        pages: Backend,
        pools: Pools,
    ) -> None:
        prefix = (PREFIX_FIELD, encode(settings.base_path).encode("ascii"))
        super().__init__(handler, pages_settings(pages), pools, more_request_fields=[prefix])
        self._base_path = settings.base_path
        self._is_admin = settings.service == "admin"

    def answer(self, exchange: Exchange) -> None:
        """See Service."""
        path = exchange.request.path.decoded
        if path + "/" == self._base_path:
            query = exchange.request.query
            redirect(exchange, 303, encode(self._base_path) + (f"?{query}" if query else ""))
            return
        if not path.startswith(self._base_path):
            exchange.refuse(404, "There is nothing here.")
            return
        below = path.removeprefix(self._base_path)
        if self._is_admin and not below:
            redirect(exchange, 303, encode(self._base_path + ADMIN))
            return
        if self._is_admin != below.startswith(ADMIN) and not below.startswith(SHARED):
            exchange.refuse(404, "There is nothing here.")
            return
        super().answer(exchange)
