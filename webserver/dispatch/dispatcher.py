"""The order in which a request is offered: system, own pages, redirects of domains, handlers, nobody."""

import logging
from collections.abc import Iterator
from functools import lru_cache, partial
from typing import Final

from webserver.dispatch.compiled import Compiler
from webserver.dispatch.passwords import Passwords
from webserver.dispatch.rates import Rates
from webserver.dispatch.system import SystemHandlers
from webserver.dispatch.trust import TrustedProxies
from webserver.edge.exchange import Exchange
from webserver.handlers.forward.serving.fields import claims_forwarding
from webserver.handlers.internal.serving import pages_handler
from webserver.handlers.redirect.location import domain_location, https_location
from webserver.handlers.serving.service import Service, redirect
from webserver.routing.hosts import parse_host
from webserver.routing.paths import clean_path
from webserver.routing.request import Request
from webserver.routing.system import is_own_host, system_endpoint
from webserver.routing.values import Backend, Handler, StaticSettings, WebSnapshot, web_snapshot
from webserver.routing.verdicts import Verdict, client_address, judge

log = logging.getLogger(__name__)

METRICS: Final = "/metrics"

NOTHING: Final = web_snapshot({}, ())
"""Before the first configuration is there."""


class Dispatcher:
    """Answers exchanges, or finds out who does."""

    def __init__(
        self,
        compiler: Compiler,
        pages: Backend,
        system: SystemHandlers,
        trusted: TrustedProxies,
    ) -> None:
        self._compiler = compiler
        self._system = system
        self._trusted = trusted
        self._pages: Service = compiler.pages(pages_handler(pages))
        self.rates = Rates()
        self.passwords = Passwords()
        self.web = NOTHING
        self._services: dict[int, Service] = {}

    def install(self, web: WebSnapshot) -> None:
        """Let this configuration hold for requests from now on. Those under way go on under the former."""
        services = self._compiler.services(web)
        self.web, self._services = web, services

    def __call__(self, exchange: Exchange) -> None:
        self._trusted.apply(exchange)
        if not self.rates.admits(exchange.client):
            exchange.handler = "(ratelimited)"
            too_many(exchange)
            return
        exchange.request = request = read_request(exchange)
        web = self.web
        endpoint = system_endpoint(web, request.host, request.path.decoded)
        if endpoint is not None:
            exchange.handler = f"({endpoint.name.lower().replace('_', '-')})"
            if endpoint in self._system:
                self._system.answer(endpoint, exchange, web)
            else:
                self._pages.take(exchange, _nothing)
        elif is_own_host(web, request.host, is_ip=request.authority.is_ip):
            exchange.handler = "(pages)"
            if request.path.decoded == METRICS and not is_from_this_machine(exchange):
                self.nobody(exchange)
                return
            self._pages.take(exchange, _nothing)
        elif request.host in web.redirects:
            exchange.handler = "(domainredirect)"
            redirect(exchange, 308, domain_location(web.redirects[request.host], request))
        else:
            _Asking(self, exchange, iter(web.handlers_of(request.host)), self._services).go_on()

    def told_rates(self, address: str) -> bytes:
        """What is counted of a client, for `explain`."""
        limited = [handler.id for handler in self.web.handlers if handler.rate_per_minute]
        return self.rates.told(address, limited)

    def close(self) -> None:
        """End threads and connections."""
        self.passwords.close()
        self._compiler.close()

    def nobody(self, exchange: Exchange) -> None:
        """Nobody takes the request."""
        exchange.handler = "(nomatch)"
        exchange.compress = False
        exchange.refuse(404, "There is nothing here.")


class _Asking:
    """The handlers of a host, asked one after the other, also when one takes time to decline."""

    __slots__ = ("_dispatcher", "_exchange", "_handlers", "_services")

    def __init__(
        self,
        dispatcher: Dispatcher,
        exchange: Exchange,
        handlers: Iterator[Handler],
        services: dict[int, Service],
    ) -> None:
        self._dispatcher = dispatcher
        self._exchange = exchange
        self._handlers = handlers
        self._services = services

    def go_on(self) -> None:
        """Ask the next ones until one takes the request."""
        exchange = self._exchange
        for handler in self._handlers:
            verdict = judge(handler, exchange.request)
            if verdict is Verdict.PATH_DIFFERS:
                continue
            exchange.handler = handler.name
            exchange.compress = handler.compress and not isinstance(handler.settings, StaticSettings)
            if verdict is Verdict.TO_HTTPS:
                redirect(exchange, 308, https_location(exchange.request))
            elif verdict is Verdict.FORBIDDEN:
                exchange.refuse(403, "This is not open to your network.")
            elif not self._admitted(handler):
                return
            elif not self._services[handler.id].take(exchange, self.go_on):
                continue
            return
        self._dispatcher.nobody(exchange)

    def _admitted(self, handler: Handler) -> bool:
        """Whether rate and password let the request in now; else it is answered, or taken later."""
        exchange, dispatcher = self._exchange, self._dispatcher
        if handler.rate_per_minute and not dispatcher.rates.admits_to(
            handler.id, handler.rate_per_minute, exchange.client
        ):
            too_many(exchange)
            return False
        if handler.basic_auth is None:
            return True
        return dispatcher.passwords.check(exchange, handler.basic_auth, partial(self._take, handler))

    def _take(self, handler: Handler) -> None:
        if not self._services[handler.id].take(self._exchange, self.go_on):
            self.go_on()


def is_from_this_machine(exchange: Exchange) -> bool:
    """Whether a program here asks for itself: from loopback, by a name of it, without a proxy."""
    host = exchange.request.authority
    return (
        is_loopback(exchange.peer)
        and (host.name == "localhost" or (host.is_ip and is_loopback(host.name)))
        and not claims_forwarding(exchange)
    )


def read_request(exchange: Exchange) -> Request:
    """The request as handlers are chosen by it."""
    head = exchange.head
    scheme, client = exchange.scheme, _client(exchange.client)
    host = parse_host(exchange.forwarded_host.decode("latin-1"))
    known = head.wanted
    if known is not None:
        if known.scheme == scheme and known.client is client and known.authority is host:
            return known
        request = Request(known.method, scheme, host, known.path, known.query, client)
    else:
        raw, _, query = head.target.decode("latin-1").partition("?")
        request = Request(head.method.decode("latin-1"), scheme, host, clean_path(raw), query, client)
    head.wanted = request
    return request


_client = lru_cache(maxsize=4096)(client_address)


def too_many(exchange: Exchange) -> None:
    """The client has to wait."""
    exchange.refuse(429, "These are too many requests.", [(b"Retry-After", b"60")])


@lru_cache(maxsize=256)
def is_loopback(address: str) -> bool:
    """Whether the address is one of loopback."""
    found = client_address(address)
    return found is not None and (getattr(found, "ipv4_mapped", None) or found).is_loopback


def _nothing() -> None:
    """The pages decline nothing."""
