"""Transports and routes as the database has them."""

from delivery.configfile.values import GLOBAL, DeliveryConfiguration, Level, RouteValue, TransportValue
from delivery.models import Route, Transport


def stored_delivery() -> DeliveryConfiguration:
    """Everything but passwords; transports sorted by name, routes in their order."""
    transports = {
        row.name: TransportValue(row.kind, row.settings) for row in Transport.objects.order_by("name")
    }
    routes: dict[Level, list[RouteValue]] = {}
    for row in Route.objects.select_related("account", "domain", "transport").order_by("position", "pk"):
        routes.setdefault(_level(row), []).append(_value(row))
    return DeliveryConfiguration(transports, {level: tuple(values) for level, values in routes.items()})


def _level(row: Route) -> Level:
    if row.account is not None:
        return ("account", row.account.name)
    return ("domain", row.domain.name) if row.domain is not None else GLOBAL


def _value(row: Route) -> RouteValue:
    return RouteValue(
        tuple(row.from_domains), tuple(row.to_domains), row.minimum_attempts, row.transport.name
    )
