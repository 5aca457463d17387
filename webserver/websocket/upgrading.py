"""Websockets of a forward handler: what its upgrades are made of."""

from webserver.edge.exchange import Exchange
from webserver.handlers.forward.serving.fields import request_fields
from webserver.handlers.forward.serving.service import ForwardService
from webserver.routing.values import Backend
from webserver.websocket.edge import EdgeConnection, forward_websocket
from webserver.websocket.upgrade import Upgrade


def upgrade_websocket(exchange: Exchange, service: ForwardService) -> None:
    """Forward a websocket handshake. The backend is chosen and told of the client as for other requests."""
    head = exchange.head
    connection = EdgeConnection(exchange)
    pools = service.pools_in_order()

    def tried(backend: Backend, problem: str) -> None:
        pool = next(pool for pool in pools if pool.backend is backend)
        if problem:
            pool.failed(problem)
        else:
            pool.works()

    upgrade = Upgrade(
        handler=service.handler,
        settings=service.settings,
        backends=tuple([pool.backend for pool in pools]),
        method=head.method.decode("latin-1"),
        path=service.path(exchange),
        query=exchange.request.query,
        request_headers=head.fields,
        headers=[*request_fields(exchange), *service.more_request_fields],
        request=exchange.request,
        client=exchange.client,
        url=f"{exchange.scheme}://{head.host.decode('latin-1')}{head.target.decode('latin-1')}",
        tls=service.pools.tls,
        tried=tried,
        connection=connection,
    )
    forward_websocket(connection, upgrade)
