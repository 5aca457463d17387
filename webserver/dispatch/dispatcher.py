"""The order in which a request is offered: system, own pages, redirects of domains, handlers, nobody."""

import logging
from functools import lru_cache, partial
from typing import Final

from mail.ip_address import is_loopback
from webserver.dispatch.compiled import Compiler
from webserver.dispatch.passwords import Passwords
from webserver.dispatch.rates import Rates
from webserver.dispatch.route import MOST_CLIENTS, Route
from webserver.dispatch.system import SystemHandlers
from webserver.dispatch.trust import TrustedProxies
from webserver.edge.exchange import Exchange
from webserver.edge.head import forget_heads
from webserver.handlers.forward.serving.fields import claims_forwarding
from webserver.handlers.internal.serving import pages_handler
from webserver.handlers.redirect.location import domain_location, https_location
from webserver.handlers.serving.service import Service, redirect
from webserver.routing.hosts import parse_host
from webserver.routing.paths import clean_path
from webserver.routing.request import Request
from webserver.routing.system import SystemEndpoint, is_own_host, system_endpoint
from webserver.routing.values import Backend, Handler, WebSnapshot, web_snapshot
from webserver.routing.verdicts import Verdict, client_address

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
        self._pages = compiler.pages(pages_handler(pages))
        self.rates = Rates()
        self.passwords = Passwords()
        self.web = NOTHING
        self._services: dict[int, Service] = {}
        self._by_client = False
        """Whether it can depend on the client who answers."""

    def install(self, web: WebSnapshot) -> None:
        """Let this configuration hold for requests from now on. Those under way go on under the former."""
        services = self._compiler.services(web)
        self.web, self._services = web, services
        self._by_client = any(handler.allow_networks for handler in web.handlers)
        forget_heads()  # what they keep of the former configuration would stay in memory

    def __call__(self, exchange: Exchange) -> None:
        self._trusted.apply(exchange)
        if not self.rates.admits(exchange.client):
            exchange.handler = "(ratelimited)"
            too_many(exchange)
            return
        route = exchange.head.line.routes.get(exchange.client if self._by_client else "")
        if route is None or not route.holds(self.web, exchange):
            route = self._find_route(exchange)
        exchange.request = route.request
        answer = route.answer
        if answer is None:
            _Asking(self, exchange, route).go_on()
        else:
            exchange.handler, exchange.compress = route.name, route.compress
            answer(exchange)

    def _find_route(self, exchange: Exchange) -> Route:
        client = exchange.client if self._by_client else ""
        web, request = self.web, read_request(exchange, client)
        route = Route(web, self._services, exchange, request)
        endpoint = system_endpoint(web, request.host, request.path.decoded)
        if endpoint is not None:
            route.name = f"({endpoint.name.lower().replace('_', '-')})"
            route.answer = partial(self._to_system, endpoint, web)
        elif is_own_host(web, request.host, is_ip=request.authority.is_ip):
            route.name, route.answer = "(pages)", self._to_pages
        elif request.host in web.redirects:
            route.name = "(domainredirect)"
            location = domain_location(web.redirects[request.host], request)
            route.answer = partial(redirect, status=308, location=location)
        else:
            route.begin_with_handlers()
        routes = exchange.head.line.routes
        if len(routes) >= MOST_CLIENTS:
            routes.clear()
        routes[client] = route
        return route

    def _to_system(self, endpoint: SystemEndpoint, web: WebSnapshot, exchange: Exchange) -> None:
        if endpoint in self._system:
            self._system.answer(endpoint, exchange, web)
        else:
            self._pages.answer(exchange)

    def _to_pages(self, exchange: Exchange) -> None:
        if exchange.request.path.decoded == METRICS and not is_from_this_machine(exchange):
            self.nobody(exchange)
        else:
            self._pages.answer(exchange)

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

    __slots__ = ("_asked", "_dispatcher", "_exchange", "_route")

    def __init__(self, dispatcher: Dispatcher, exchange: Exchange, route: Route) -> None:
        self._dispatcher = dispatcher
        self._exchange = exchange
        self._route = route
        self._asked = 0

    def go_on(self) -> None:
        """Ask the next ones until one takes the request."""
        exchange = self._exchange
        while (offer := self._route.offer(self._asked)) is not None:
            self._asked += 1
            handler, verdict, service, exchange.compress = offer
            exchange.handler = handler.name
            if verdict is Verdict.TO_HTTPS:
                redirect(exchange, 308, https_location(exchange.request))
            elif verdict is Verdict.FORBIDDEN:
                exchange.refuse(403, "This is not open to your network.")
            elif (handler.rate_per_minute or handler.basic_auth) and not self._admitted(handler, service):
                return
            elif not service.take(exchange, self.go_on):
                continue
            return
        self._dispatcher.nobody(exchange)

    def _admitted(self, handler: Handler, service: Service) -> bool:
        """Whether rate and password let the request in now; else it is answered, or taken later."""
        exchange, dispatcher = self._exchange, self._dispatcher
        if handler.rate_per_minute and not dispatcher.rates.admits_to(
            handler.id, handler.rate_per_minute, exchange.client
        ):
            too_many(exchange)
            return False
        if handler.basic_auth is None:
            return True
        return dispatcher.passwords.check(exchange, handler.basic_auth, partial(self._take, service))

    def _take(self, service: Service) -> None:
        if not service.take(self._exchange, self.go_on):
            self.go_on()


def is_from_this_machine(exchange: Exchange) -> bool:
    """Whether a program here asks for itself: from loopback, by a name of it, without a proxy."""
    host = exchange.request.authority
    return (
        is_loopback(exchange.peer)
        and (host.name == "localhost" or (host.is_ip and is_loopback(host.name)))
        and not claims_forwarding(exchange)
    )


def read_request(exchange: Exchange, client: str) -> Request:
    """The request as handlers are chosen by it, of this address; "" where it makes no difference."""
    head = exchange.head
    raw, _, query = head.target.decode("latin-1").partition("?")
    host = parse_host(exchange.forwarded_host.decode("latin-1"))
    method = head.method.decode("latin-1")
    return Request(method, exchange.scheme, host, clean_path(raw), query, _client(client))


_client = lru_cache(maxsize=4096)(client_address)


def too_many(exchange: Exchange) -> None:
    """The client has to wait."""
    exchange.refuse(429, "These are too many requests.", [(b"Retry-After", b"60")])
