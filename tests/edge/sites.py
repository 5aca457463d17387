"""Websites as configurations make them, served by an edge in the test's process."""

import re
import ssl
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from tests.edge.serving import EdgeUnderTest, edge_with
from webserver.dispatch.compiled import Compiler
from webserver.dispatch.dispatcher import Dispatcher
from webserver.dispatch.system import SystemHandlers
from webserver.dispatch.trust import TrustedProxies
from webserver.edge.limits import EdgeLimits
from webserver.routing.values import Backend, Handler, HandlerSettings, Network, WebSnapshot, web_snapshot

HOST = "www.example.org"


def handler(settings: HandlerSettings, name: str = "site", path: str = "^/", **more: Any) -> Handler:
    """A handler of HOST for plain http."""
    values = {"domain": HOST, "dont_redirect_plain_http": True, "id": hash(name), **more}
    return Handler(name=name, path=re.compile(path), settings=settings, **values)


@contextmanager
def site(
    *handlers: Handler,
    redirects: Mapping[str, str] | None = None,
    pages: str = "/nowhere/pages.sock",
    trusted: Sequence[Network] = (),
    system: SystemHandlers | None = None,
    mail_domains: frozenset[str] = frozenset(),
    limits: EdgeLimits | None = None,
    tls: ssl.SSLContext | None = None,
) -> Iterator[EdgeUnderTest]:
    """An edge with these handlers."""
    own = Backend("pages", False, "localhost", 80, unix_socket=pages)
    web = web_snapshot(
        redirects or {}, handlers, own_hosts=frozenset({"localhost"}), mail_domains=mail_domains
    )
    made: list[Dispatcher] = []

    def make() -> Dispatcher:
        compiler = Compiler(own)
        dispatcher = Dispatcher(compiler, own, system or SystemHandlers(), TrustedProxies(trusted))
        dispatcher.install(web)
        made.append(dispatcher)
        return dispatcher

    with edge_with(make, limits=limits, tls=tls) as edge:
        edge.dispatcher = made[0]
        try:
            yield edge
        finally:
            edge.loop.call_soon_threadsafe(made[0].close)


def install(edge: EdgeUnderTest, web: WebSnapshot) -> None:
    """Let this configuration hold, on the loop as a process does."""
    assert edge.dispatcher is not None
    done = threading.Event()

    def on_loop() -> None:
        assert edge.dispatcher is not None
        edge.dispatcher.install(web)
        done.set()

    edge.loop.call_soon_threadsafe(on_loop)
    assert done.wait(10)
