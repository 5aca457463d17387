"""Transports and routes as plain tables, lists and values of a file. Pure."""

from typing import Any

from delivery.configfile.values import GLOBAL, DeliveryConfiguration, RouteValue, TransportValue

_TABLES = {"account": "accounts", "domain": "domains"}


def write_delivery(configuration: DeliveryConfiguration, document: dict[str, Any]) -> None:
    """Put transports and routes into the document. Passwords are not part of the configuration."""
    if configuration.transports:
        document["transports"] = {name: _transport(value) for name, value in configuration.transports.items()}
    for level, routes in configuration.routes.items():
        kind, name = level
        above = document if level == GLOBAL else document.setdefault(_TABLES[kind], {}).setdefault(name, {})
        above["routes"] = [_route(route) for route in routes]


def _transport(value: TransportValue) -> dict[str, Any]:
    kind = {"kind": value.kind} if value.kind else {}
    return {**kind, **dict(sorted(value.settings.items()))}


def _route(value: RouteValue) -> dict[str, Any]:
    route: dict[str, Any] = {}
    if value.from_domains:
        route["from_domains"] = list(value.from_domains)
    if value.to_domains:
        route["to_domains"] = list(value.to_domains)
    if value.minimum_attempts:
        route["minimum_attempts"] = value.minimum_attempts
    return {**route, "transport": value.transport}
