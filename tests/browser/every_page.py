"""Every page there is, from the URL map, so that new ones are looked at without being named here."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

_NO_PAGES = {
    "healthz",
    "metrics",
    "acme-challenge",
    "admin:jsi18n",
    "admin:autocomplete",
    "admin:view_on_site",
}


@dataclass(frozen=True, slots=True)
class Route:
    """A name of the URL map, and the parameters that its path takes."""

    name: str
    parameters: tuple[str, ...]


def routes() -> list[Route]:
    """All routes with names that may lead to pages."""
    found = {route.name: route for route in _routes(get_resolver().url_patterns, "", ())}
    return [route for route in found.values() if route.name not in _NO_PAGES]


def _routes(patterns: Any, namespace: str, before: tuple[str, ...]) -> Iterator[Route]:
    for pattern in patterns:
        parameters = (*before, *pattern.pattern.regex.groupindex)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _routes(pattern.url_patterns, inner, parameters)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield Route(namespace + pattern.name, parameters)


def pages(client: Client, values: Mapping[str, Any], *, admin: bool) -> dict[str, str]:
    """The pages that this client can open, by name.

    `values` says for a route or a parameter what stands in the path; rows of the admin are found by
    themselves. A route that nothing is known for fails the test: give it something to show.
    """
    found: dict[str, str] = {}
    for route in routes():
        if route.name.startswith("admin:") is not admin:
            continue
        path = reverse(route.name, kwargs={name: _value(route, name, values) for name in route.parameters})
        response = client.get(path)
        assert response.status_code < 500, (path, response.status_code)
        is_page = str(response.headers.get("Content-Type", "")).startswith("text/html")
        if response.status_code == 200 and is_page and not response.headers.get("Content-Disposition"):
            found[route.name] = path
    return found


def _value(route: Route, parameter: str, values: Mapping[str, Any]) -> Any:
    for key in (f"{route.name} {parameter}", parameter):
        if key in values:
            return values[key]
    if parameter == "object_id":
        app, model, *_ = route.name.removeprefix("admin:").split("_")
        row = apps.get_model(app, model)._default_manager.first()
        assert row is not None, f"{route.name}: there is no {model} to show"
        return row.pk
    raise AssertionError(f"nothing is known for {parameter} of {route.name}")
